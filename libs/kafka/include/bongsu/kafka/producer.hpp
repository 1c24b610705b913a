#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/kafka/record.hpp>
#include <bongsu/kafka/settings.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace bongsu::kafka {

/// Writes records: idempotent, acks=all, partitioned by the key's murmur2 like Java's clients.
/// Retries by itself for as long as `delivery_timeout` allows, so an outage of the broker is only a
/// report that comes late.
///
/// Errors of a report:
///   kTooLarge, kInvalidArgument  the record's own fault: it will never be accepted (detail: Kafka's
///                                error name, such as MSG_SIZE_TOO_LARGE). The broker refuses a batch
///                                as a whole: the fault is proven only when it was produced alone
///   kConflict, detail "fatal"    the idempotent producer is beyond repair: make a new one
///   kTimeout, kUnavailable, kUnauthorized   not the record's fault: wait, and produce it again
///   kCancelled                   purged, or the producer went away
///   `sent` is kMaybe where the record may be in the log all the same.
/// Ordering: per partition in the order of produce(). Reports arrive in any order between partitions.
/// Threads: the io_context's one thread. Lifetime: moving is cheap. Destroying it reports what is
///   still open as kCancelled and waits for librdkafka's threads to end (milliseconds, no network).
class Producer {
 public:
  /// Called once for each accepted record, from the io_context, never from within produce(). Must not
  /// destroy the producer.
  using OnDelivered = std::move_only_function<void(Result<Position>)>;

  /// Does not wait for a connection. Errors: kInvalidArgument (settings that librdkafka refuses).
  static Result<Producer> open(const asio::any_io_executor& executor, const ProducerSettings& settings);
  Producer(Producer&& other) noexcept;
  Producer& operator=(Producer&& other) noexcept;
  ~Producer();

  /// The hot path: no coroutine, no copy of the value. Both arguments are moved from only when the
  /// record was accepted; then, and only then, a report follows.
  /// Errors: kExhausted (bounds reached: wait for room() and call again with the same record), kTooLarge
  /// and kInvalidArgument as in a report, kConflict "fatal".
  Result<void> produce(Record&& record, OnDelivered&& on_delivered);

  /// Waits for room and for the report.
  asio::awaitable<Result<Position>> send(Record record);
  /// The same without a copy: the record's value is away until the report, and back with an error, so that
  /// the record can be sent again. Lifetime: `record` belongs to the coroutine that waits.
  asio::awaitable<Result<Position>> lend(Record& record);
  /// The same for many at once; the answers stand in the order of the records.
  asio::awaitable<std::vector<Result<Position>>> send_all(std::vector<Record> records);

  /// Returns when produce() may be called (again).
  asio::awaitable<void> room();

  /// Waits until everything accepted has been reported; false when `timeout` passed before.
  asio::awaitable<bool> flush(std::chrono::milliseconds timeout);

  /// Everything not yet reported will be, soon, as kCancelled (sent: maybe where it was on the wire).
  /// Sequence numbers are torn by it: make a new producer afterwards.
  void purge();

  /// The idempotent producer is beyond repair. Every report and produce() says so as well.
  bool fatal() const;

  /// For tests: what librdkafka does when sequence numbers are beyond repair.
  void break_fatally();

  std::size_t in_flight_records() const;
  /// An estimate of the memory they take, librdkafka's own part included.
  std::size_t in_flight_bytes() const;

 private:
  class Impl;
  explicit Producer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace bongsu::kafka
