#pragma once
#include <bongsu/kafka/producer.hpp>
#include <bongsu/outbox/publisher.hpp>

namespace bongsu::gateway {

/// Publishes the outbox to Kafka. Threads: the io_context's one thread.
class KafkaPublisher final : public outbox::Publisher {
 public:
  /// Errors: as kafka::Producer::open().
  static Result<std::unique_ptr<outbox::Publisher>> open(const asio::any_io_executor& executor,
                                                         const kafka::ProducerSettings& settings,
                                                         Report report);

  KafkaPublisher(kafka::Producer producer, Report report);
  ~KafkaPublisher() override;

  Result<void> publish(outbox::Event&& event, std::uint64_t token) override;

 private:
  kafka::Producer producer_;
  std::shared_ptr<Report> report_;  // empty once this is gone: reports that come later are nobody's
};

}  // namespace bongsu::gateway
