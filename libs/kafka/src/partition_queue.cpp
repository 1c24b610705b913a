#include "partition_queue.hpp"

#include "conversion.hpp"
#include "metrics.hpp"

#include <bongsu/core/log.hpp>

#include <algorithm>

namespace bongsu::kafka {
namespace {

/// Off the main queue. librdkafka respects a queue that the application has forwarded, to nothing too.
QueueHandle own_queue(rd_kafka_t* client, const TopicPartition& partition) {
  QueueHandle queue{rd_kafka_queue_get_partition(client, partition.topic.c_str(), partition.partition)};
  rd_kafka_queue_forward(queue.get(), nullptr);
  return queue;
}

constexpr std::size_t kBatch = 1'000;

}  // namespace

PartitionQueue::PartitionQueue(const asio::any_io_executor& executor, rd_kafka_t* client,
                               const TopicPartition& partition, std::string_view topic)
    : topic_(topic), partition_(partition.partition), queue_(executor, own_queue(client, partition)) {}

std::vector<Message> PartitionQueue::poll(std::size_t max_records) {
  std::vector<Message> messages;
  if (!is_open() || max_records == 0) return messages;
  queue_.clear();
  batch_.resize(std::min(max_records, kBatch));
  while (messages.size() < max_records) {
    const auto wanted = std::min(max_records - messages.size(), batch_.size());
    const auto got = rd_kafka_consume_batch_queue(queue_.get(), 0, batch_.data(), wanted);
    const auto count = got > 0 ? static_cast<std::size_t>(got) : 0;
    messages.reserve(messages.size() + count);
    for (std::size_t i = 0; i < count; ++i) append(MessageHandle{batch_[i]}, messages);
    drained_ = count < wanted;
    if (drained_) break;
  }
  consumer_metrics().read.Increment(static_cast<double>(messages.size()));
  return messages;
}

void PartitionQueue::append(MessageHandle native, std::vector<Message>& messages) {
  if (native->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    consumer_metrics().read_errors.Increment();
    log::warning("kafka.read_error", {{"topic", topic_},
                                      {"partition", partition_},
                                      {"error", rd_kafka_err2name(native->err)},
                                      {"offset", native->offset}});
    return;
  }
  consumer_metrics().read_bytes.Increment(static_cast<double>(native->len + native->key_len));
  messages.push_back(to_message(*native, topic_));
}

asio::awaitable<void> PartitionQueue::readable() {
  if (drained_) co_await queue_.readable();
}

}  // namespace bongsu::kafka
