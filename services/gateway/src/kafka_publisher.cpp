#include "kafka_publisher.hpp"

namespace bongsu::gateway {

Result<std::unique_ptr<outbox::Publisher>> KafkaPublisher::open(const asio::any_io_executor& executor,
                                                                const kafka::ProducerSettings& settings,
                                                                Report report) {
  auto producer = kafka::Producer::open(executor, settings);
  if (!producer) return std::unexpected(producer.error());
  return std::make_unique<KafkaPublisher>(std::move(*producer), std::move(report));
}

KafkaPublisher::KafkaPublisher(kafka::Producer producer, Report report)
    : producer_(std::move(producer)), report_(std::make_shared<Report>(std::move(report))) {}

KafkaPublisher::~KafkaPublisher() { *report_ = nullptr; }

Result<void> KafkaPublisher::publish(outbox::Event&& event, std::uint64_t token) {
  kafka::Record record{.topic = event.topic,
                       .partition = {},
                       .key = event.key,
                       .value = std::move(event.value),
                       .headers = event.headers,
                       .timestamp = {}};
  auto accepted =
      producer_.produce(std::move(record), [report = report_, token](Result<kafka::Position> outcome) {
        if (!*report) return;
        (*report)(token, outcome ? Result<void>{} : std::unexpected(outcome.error()));
      });
  // Not accepted, not moved from: the value goes back to where it came from.
  if (!accepted) event.value = std::move(record.value);  // NOLINT(bugprone-use-after-move): see produce()
  return accepted;
}

}  // namespace bongsu::gateway
