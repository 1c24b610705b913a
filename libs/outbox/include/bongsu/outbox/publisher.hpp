#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/outbox/event.hpp>

#include <functional>
#include <memory>

namespace bongsu::outbox {

/// Where the relay publishes to: Kafka, or a test's own world.
///
/// Errors of publish() and of reports, as kafka::Producer has them: kTooLarge and kInvalidArgument are the
///   record's own fault; kExhausted (publish() only) asks to come again when reports have made room; anything
///   else is not the record's fault, and the publisher may be beyond repair: it is then given up.
/// Ordering: events of one topic and key in the order of publish(). Reports come in any order, never from
///   within publish(); none after the publisher is gone.
/// Threads: the io_context's one thread.
class Publisher {
 public:
  /// Once for each accepted event, with the token it was given.
  using Report = std::function<void(std::uint64_t token, const Result<void>& outcome)>;

  virtual ~Publisher() = default;
  /// Moves from `event` only when it was accepted.
  virtual Result<void> publish(Event&& event, std::uint64_t token) = 0;
};

/// A new publisher, made at the beginning of each leadership and after a fatal error.
using MakePublisher = std::function<Result<std::unique_ptr<Publisher>>(Publisher::Report)>;

}  // namespace bongsu::outbox
