#pragma once
#include <bongsu/events/progress.hpp>
#include <bongsu/kafka/producer.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bongsu::intake {

/// A record that cannot be used, as it goes to events.dlq: its bytes as they came, or sealed
/// where they could be read.
struct DeadLetter {
  std::string key;
  Headers headers;
  std::optional<std::string> value;  ///< none: it came without one
  events::Death death;
};

/// Writes dead letters and waits until Kafka has them, however long that takes.
/// Threads: the io_context's one thread.
class DeadLetters {
 public:
  DeadLetters(asio::any_io_executor executor, kafka::ProducerSettings settings, std::string topic)
      : executor_(std::move(executor)), settings_(std::move(settings)), topic_(std::move(topic)) {}

  /// Returns when all are written. One that Kafka refuses for its own sake is logged and counted: it
  /// stays where it came from. Cancelled by give_up(): false then.
  asio::awaitable<bool> write(std::vector<DeadLetter> letters);

  /// write() returns soon, done or not.
  void give_up() { given_up_ = true; }

 private:
  Result<void> ensure_producer();

  asio::any_io_executor executor_;
  kafka::ProducerSettings settings_;
  std::string topic_;
  std::optional<kafka::Producer> producer_;
  bool given_up_ = false;
};

}  // namespace bongsu::intake
