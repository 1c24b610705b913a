#pragma once
#include "blocking_calls.hpp"
#include "client_events.hpp"
#include "event_queue.hpp"
#include "handle.hpp"
#include "partition_queue.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/kafka/consumer.hpp>

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

namespace bongsu::kafka {

/// The member behind Consumer. Coroutines under way keep it alive; close() and end() stop them.
class Consumer::Impl {
 public:
  Impl(const asio::any_io_executor& executor, ClientHandle client);
  ~Impl();

  /// Serves the group's protocol, commits' answers, errors and logs, at least every second, until the end.
  static asio::awaitable<void> serve(std::shared_ptr<Impl> self);
  static asio::awaitable<GroupEvent> next_event(std::shared_ptr<Impl> self);
  static asio::awaitable<Result<std::vector<PartitionStart>>> assign(std::shared_ptr<Impl> self,
                                                                     std::vector<TopicPartition> partitions);
  static asio::awaitable<Result<void>> commit(std::shared_ptr<Impl> self, std::vector<Position> next);
  /// The group's committed offsets, in the order of `partitions`.
  static asio::awaitable<Result<std::vector<PartitionStart>>> committed(
      std::shared_ptr<Impl> self, std::vector<TopicPartition> partitions);
  static asio::awaitable<void> readable(std::shared_ptr<Impl> self, TopicPartition partition);
  static asio::awaitable<void> close(std::shared_ptr<Impl> self);

  Result<void> subscribe(const std::vector<std::string>& topics);
  Result<void> assign_at(const std::vector<PartitionStart>& starts);
  Result<void> unassign();
  bool owns(const TopicPartition& partition) const;
  std::vector<Message> poll(const TopicPartition& partition, std::size_t max_records);
  /// Gives everything up at once, without leaving the group.
  void end();

 private:
  using OnCommitted = std::move_only_function<void(Result<void>)>;

  void handle(rd_kafka_event_t* event);
  void on_rebalance(rd_kafka_event_t* event);
  void on_committed(rd_kafka_event_t* event);
  void start_commit(const std::vector<Position>& next, OnCommitted on_committed);
  void release_partitions();
  Result<void> start_fetching(const std::vector<PartitionStart>& starts);
  std::string_view interned(const std::string& topic) { return *topics_.insert(topic).first; }

  asio::any_io_executor executor_;
  ClientEvents events_;
  Signal changed_;  ///< a group event is waiting, a call has returned, or the end
  ClientHandle client_;
  EventQueue queue_;
  BlockingCalls blocking_;
  int blocking_calls_ = 0;
  std::set<std::string> topics_;
  std::deque<GroupEvent> group_events_;
  std::map<TopicPartition, std::shared_ptr<PartitionQueue>> partitions_;
  std::map<std::uintptr_t, OnCommitted> commits_;
  std::uintptr_t last_commit_ = 0;
  std::size_t counted_ = 0;  ///< partitions that the metric holds
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace bongsu::kafka
