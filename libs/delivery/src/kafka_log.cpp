#include <bongsu/core/log.hpp>
#include <bongsu/delivery/log.hpp>

namespace bongsu::delivery {

Result<std::unique_ptr<KafkaLog>> KafkaLog::open(const asio::any_io_executor& executor,
                                                 const kafka::ConsumerSettings& consumer,
                                                 const kafka::ProducerSettings& producer) {
  auto reading = kafka::Consumer::open(executor, consumer);
  if (!reading) return std::unexpected(reading.error());
  auto writing = kafka::Producer::open(executor, producer);
  if (!writing) return std::unexpected(writing.error());
  return std::unique_ptr<KafkaLog>(
      new KafkaLog(executor, std::move(*reading), producer, std::move(*writing)));
}

KafkaLog::KafkaLog(asio::any_io_executor executor, kafka::Consumer consumer, kafka::ProducerSettings settings,
                   kafka::Producer producer)
    : executor_(std::move(executor)),
      consumer_(std::move(consumer)),
      producer_settings_(std::move(settings)),
      producer_(std::make_shared<kafka::Producer>(std::move(producer))) {}

Result<void> KafkaLog::subscribe(const std::vector<std::string>& topics) {
  return consumer_.subscribe(topics);
}
asio::awaitable<kafka::GroupEvent> KafkaLog::next_event() { return consumer_.next_event(); }
asio::awaitable<Result<std::vector<kafka::PartitionStart>>> KafkaLog::assign(
    std::vector<kafka::TopicPartition> partitions) {
  return consumer_.assign(std::move(partitions));
}
Result<void> KafkaLog::unassign() { return consumer_.unassign(); }
std::vector<kafka::Message> KafkaLog::poll(const kafka::TopicPartition& partition, std::size_t max_records) {
  return consumer_.poll(partition, max_records);
}
asio::awaitable<void> KafkaLog::readable(kafka::TopicPartition partition) {
  return consumer_.readable(std::move(partition));
}
asio::awaitable<Result<void>> KafkaLog::commit(std::vector<kafka::Position> next) {
  return consumer_.commit(std::move(next));
}
asio::awaitable<void> KafkaLog::leave() { return consumer_.close(); }

namespace {

/// Lives until all that waits for a report of it has one; then goes, outside of any report.
asio::awaitable<void> outlive_reports(std::shared_ptr<kafka::Producer> producer) {
  while (!co_await producer->flush(std::chrono::seconds{30})) {
  }
  co_await asio::post(asio::use_awaitable);
}

}  // namespace

void KafkaLog::replace_fatal_producer() {
  if (!producer_->fatal()) return;
  auto made = kafka::Producer::open(executor_, producer_settings_);
  if (!made) return;  // the records are refused as fatal meanwhile, and asked again
  log::error("delivery.producer.fatal", {{"action", "a new producer takes over"}});
  producer_->purge();
  spawn(executor_, "delivery.producer.outlive", outlive_reports(std::move(producer_)));
  producer_ = std::make_shared<kafka::Producer>(std::move(*made));
}

asio::awaitable<Result<kafka::Position>> KafkaLog::publish(kafka::Record& record) {
  replace_fatal_producer();
  return producer_->lend(record);
}

}  // namespace bongsu::delivery
