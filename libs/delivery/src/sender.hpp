#pragma once
#include "gate.hpp"
#include "lease.hpp"
#include "partition.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/delivery/channel.hpp>
#include <bongsu/delivery/next_step.hpp>
#include <bongsu/delivery/settings.hpp>

#include <optional>

namespace bongsu::delivery {

/// How the calls of one attempt ended.
struct Attempted {
  Result<Receipt> last = fail(ErrorCode::kCancelled, "no call was made");
  NextStep step;  ///< what follows the last call, when it failed
  std::uint32_t tries = 0;
  bool maybe = false;  ///< a call may have gone out without an answer
  std::chrono::milliseconds latency{0};
};

/// Calls the provider for a record that has been claimed, again and again within one attempt.
///
/// Right before each call, with nothing awaited in between, it sees that the partition is still held
/// under the name that claimed it and that this name's lease outlasts the call's whole deadline.
/// Threads: the io_context's one thread.
class Sender {
 public:
  Sender(const asio::any_io_executor& executor, Channel& channel, const Lease& lease, const Clock& clock,
         Random& random, const Settings& settings);

  /// Nothing: no outcome can be told for good (the partition went away before a call, or between
  /// two); the record is then left as it is.
  asio::awaitable<std::optional<Attempted>> attempt(Partition& partition, const Notification& notification,
                                                    std::uint32_t attempt_number);

 private:
  asio::awaitable<bool> permitted(const Partition& partition);
  asio::awaitable<void> call(const Notification& notification, Attempted& so_far);
  bool dies_unauthorized(std::uint64_t successes_before) const;
  NextStep last_step(const Error& failure, std::uint32_t attempt_number);

  Channel& channel_;
  const Lease& lease_;
  const Clock& clock_;
  Random& random_;
  const Settings& settings_;
  Gate gate_;
};

}  // namespace bongsu::delivery
