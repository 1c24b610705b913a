#pragma once
#include "client_events.hpp"
#include "event_queue.hpp"
#include "handle.hpp"

#include <bongsu/core/asio.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bongsu::kafka {

/// A consumer without a group, as the readers need it: it fetches the partitions it is told, from where it is
/// told, into one queue, and what librdkafka tells by itself goes to the log.
/// Threads: the io_context's one thread. Lifetime: until serve() has returned.
class SimpleConsumer {
 public:
  /// `what` names it in logs and metrics.
  SimpleConsumer(const asio::any_io_executor& executor, ClientHandle client, std::string what);

  /// Logs and errors, until close().
  asio::awaitable<void> serve();

  rd_kafka_t* client() const { return client_.get(); }
  TopicHandle topic(const std::string& name) const;

  /// False: there is no such partition.
  bool start(rd_kafka_topic_t* topic, std::int32_t partition, std::int64_t offset) const;
  static void stop(rd_kafka_topic_t* topic, std::int32_t partition) {
    rd_kafka_consume_stop(topic, partition);
  }

  /// Gives each record and error that is here, without waiting; true when there were any.
  bool take_all(const std::function<void(MessageHandle)>& take);
  /// Returns when something has come since the last take_all(), or after close().
  asio::awaitable<void> readable() { return records_.readable(); }

  /// A broker has answered: a record came, or a partition's end.
  void reached() { events_.reached(); }
  /// Counts and logs what came in a record's place.
  static void failed(std::string_view topic, const rd_kafka_message_t& native);

  /// All partitions are stopped and all topics' handles are gone.
  void close();

 private:
  ClientEvents events_;
  ClientHandle client_;
  EventQueue main_;
  EventQueue records_;
};

}  // namespace bongsu::kafka
