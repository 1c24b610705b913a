#include <bongsu/kafka/producer.hpp>
#include <bongsu/outbox/kafka_publisher.hpp>

namespace bongsu::outbox {
namespace {

class KafkaPublisher final : public Publisher {
 public:
  KafkaPublisher(kafka::Producer producer, Report report)
      : report_(std::move(report)), producer_(std::move(producer)) {}

  // The producer reports what is open when it goes away; nobody is to hear that.
  ~KafkaPublisher() override { gone_ = true; }

  Result<void> publish(Event&& event, std::uint64_t token) override {
    kafka::Record record{.topic = std::move(event.topic),
                         .key = std::move(event.key),
                         .value = std::move(event.value),
                         .headers = std::move(event.headers)};
    auto produced = producer_.produce(std::move(record), [this, token](Result<kafka::Position> position) {
      if (gone_) return;
      if (position)
        report_(token, {});
      else
        report_(token, std::unexpected(std::move(position.error())));
    });
    if (!produced) {
      // NOLINTBEGIN(bugprone-use-after-move): produce() moves from what it accepts only
      event.topic = std::move(record.topic);
      event.key = std::move(record.key);
      event.value = std::move(record.value);
      event.headers = std::move(record.headers);
      // NOLINTEND(bugprone-use-after-move)
    }
    return produced;
  }

 private:
  Report report_;
  bool gone_ = false;
  kafka::Producer producer_;  // goes first
};

}  // namespace

MakePublisher kafka_publisher(const asio::any_io_executor& executor,
                              const kafka::ProducerSettings& settings) {
  return [executor, settings](Publisher::Report report) -> Result<std::unique_ptr<Publisher>> {
    auto producer = kafka::Producer::open(executor, settings);
    if (!producer) return std::unexpected(std::move(producer.error()));
    return std::make_unique<KafkaPublisher>(std::move(*producer), std::move(report));
  };
}

}  // namespace bongsu::outbox
