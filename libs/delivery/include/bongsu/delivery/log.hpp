#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/kafka/consumer.hpp>
#include <bongsu/kafka/producer.hpp>

#include <vector>

namespace bongsu::delivery {

/// Kafka as the engine sees it, so that a test can put a simulated one in its place.
/// The promises are those of kafka::Consumer and kafka::Producer.
class Log {
 public:
  virtual ~Log() = default;

  virtual Result<void> subscribe(const std::vector<std::string>& topics) = 0;
  virtual asio::awaitable<kafka::GroupEvent> next_event() = 0;
  virtual asio::awaitable<Result<std::vector<kafka::PartitionStart>>> assign(
      std::vector<kafka::TopicPartition> partitions) = 0;
  virtual Result<void> unassign() = 0;
  virtual std::vector<kafka::Message> poll(const kafka::TopicPartition& partition,
                                           std::size_t max_records) = 0;
  virtual asio::awaitable<void> readable(kafka::TopicPartition partition) = 0;
  virtual asio::awaitable<Result<void>> commit(std::vector<kafka::Position> next) = 0;
  virtual asio::awaitable<void> leave() = 0;

  /// Returns when the record is in the log for good. With an error the record is as it was; else its value
  /// is gone. `record` belongs to the coroutine that waits.
  virtual asio::awaitable<Result<kafka::Position>> publish(kafka::Record& record) = 0;
};

/// The real one. A producer that has gone fatal is replaced by a new one.
class KafkaLog final : public Log {
 public:
  /// Errors: kInvalidArgument (settings that librdkafka refuses).
  static Result<std::unique_ptr<KafkaLog>> open(const asio::any_io_executor& executor,
                                                const kafka::ConsumerSettings& consumer,
                                                const kafka::ProducerSettings& producer);

  Result<void> subscribe(const std::vector<std::string>& topics) override;
  asio::awaitable<kafka::GroupEvent> next_event() override;
  asio::awaitable<Result<std::vector<kafka::PartitionStart>>> assign(
      std::vector<kafka::TopicPartition> partitions) override;
  Result<void> unassign() override;
  std::vector<kafka::Message> poll(const kafka::TopicPartition& partition, std::size_t max_records) override;
  asio::awaitable<void> readable(kafka::TopicPartition partition) override;
  asio::awaitable<Result<void>> commit(std::vector<kafka::Position> next) override;
  asio::awaitable<void> leave() override;
  asio::awaitable<Result<kafka::Position>> publish(kafka::Record& record) override;

 private:
  KafkaLog(asio::any_io_executor executor, kafka::Consumer consumer, kafka::ProducerSettings settings,
           kafka::Producer producer);
  void replace_fatal_producer();

  asio::any_io_executor executor_;
  kafka::Consumer consumer_;
  kafka::ProducerSettings producer_settings_;
  std::shared_ptr<kafka::Producer> producer_;
};

}  // namespace bongsu::delivery
