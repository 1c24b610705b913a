#pragma once
#include "event_queue.hpp"

#include <bongsu/kafka/record.hpp>

#include <string_view>
#include <vector>

namespace bongsu::kafka {

/// One assigned partition's prefetched records, taken off the consumer's main queue.
///
/// Lifetime: made before rd_kafka_assign(), so that no record passes by; closed before the partition is
/// unassigned. Who waits holds it shared and finds it closed.
class PartitionQueue {
 public:
  /// `topic` stays valid as long as the messages read.
  PartitionQueue(const asio::any_io_executor& executor, rd_kafka_t* client, const TopicPartition& partition,
                 std::string_view topic);

  std::vector<Message> poll(std::size_t max_records);
  asio::awaitable<void> readable();
  bool is_open() const { return queue_.is_open(); }
  void close() { queue_.close(); }

 private:
  /// Takes the native message; an error of the partition's is counted and logged instead.
  void append(MessageHandle native, std::vector<Message>& messages);

  std::string_view topic_;
  int partition_;
  EventQueue queue_;
  bool drained_ = false;  ///< the last poll() found the end, so that the next record wakes us
  std::vector<rd_kafka_message_t*> batch_;
};

}  // namespace bongsu::kafka
