#pragma once
#include "blocking_calls.hpp"
#include "client_events.hpp"
#include "event_queue.hpp"
#include "handle.hpp"

#include <bongsu/kafka/admin.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bongsu::kafka {

struct TopicMetadata {
  int partitions = 0;
  int replication = 0;
  int leaderless = 0;
};

struct Metadata {
  int brokers = 0;
  int controller = -1;
  std::map<std::string, TopicMetadata> topics;
};

/// The client behind Admin. Coroutines under way keep it alive; end() stops them.
class Admin::Impl {
 public:
  using OptionsHandle = std::unique_ptr<rd_kafka_AdminOptions_t, Free<&rd_kafka_AdminOptions_destroy>>;
  /// Sends a request with these options; its answer comes on the queue.
  using Request = std::function<void(rd_kafka_t*, const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;

  Impl(const asio::any_io_executor& executor, ClientHandle client);
  ~Impl();

  static asio::awaitable<void> serve(std::shared_ptr<Impl> self);
  static asio::awaitable<Result<Metadata>> metadata(std::shared_ptr<Impl> self,
                                                    std::chrono::milliseconds timeout);
  static asio::awaitable<Result<std::map<TopicPartition, PartitionBounds>>> bounds(
      std::shared_ptr<Impl> self, std::vector<TopicPartition> partitions, std::chrono::milliseconds timeout);
  /// The answer's event, or the error of the request as a whole.
  static asio::awaitable<Result<EventHandle>> ask(std::shared_ptr<Impl> self, rd_kafka_admin_op_t kind,
                                                  std::chrono::milliseconds timeout, Request request);
  static asio::awaitable<Result<std::map<std::string, std::map<std::string, std::string>>>> configs(
      std::shared_ptr<Impl> self, std::vector<std::string> topics, std::chrono::milliseconds timeout);
  void end();

 private:
  using OnAnswer = std::move_only_function<void(Result<EventHandle>)>;

  void start(rd_kafka_admin_op_t kind, std::chrono::milliseconds timeout, const Request& request,
             OnAnswer on_answer);
  void handle(EventHandle event);

  asio::any_io_executor executor_;
  ClientEvents events_;
  ClientHandle client_;
  EventQueue queue_;
  BlockingCalls blocking_;
  std::map<std::uintptr_t, OnAnswer> waiting_;
  std::uintptr_t last_ = 0;
  bool ended_ = false;
};

}  // namespace bongsu::kafka
