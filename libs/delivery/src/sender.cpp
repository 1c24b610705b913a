#include "sender.hpp"

#include "metrics.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/events/reasons.hpp>

namespace bongsu::delivery {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

Sender::Sender(const asio::any_io_executor& executor, Channel& channel, const Lease& lease,
               const Clock& clock, Random& random, const Settings& settings)
    : channel_(channel),
      lease_(lease),
      clock_(clock),
      random_(random),
      settings_(settings),
      gate_(executor) {}

/// Waits until a call may go out. False: it will not, under this hold.
asio::awaitable<bool> Sender::permitted(const Partition& partition) {
  for (;;) {
    // An attempt that was revoked before its first call has not begun; between two it ends.
    if (partition.phase != Phase::kOwned || partition.owner != lease_.owner()) co_return false;
    if (lease_.covers(partition.owner, channel_.timeout()) && gate_.try_pass(clock_.monotonic()))
      co_return true;
    co_await gate_.wait_for(100ms);
  }
}

asio::awaitable<void> Sender::call(const Notification& notification, Attempted& so_far) {
  const auto began = clock_.monotonic();
  so_far.last = co_await channel_.send(notification);
  ++so_far.tries;
  const auto took = std::chrono::duration_cast<milliseconds>(clock_.monotonic() - began);
  so_far.latency += took;
  metrics::provider_call(so_far.last ? "ok" : name_of(so_far.last.error().code), took);
  if (so_far.last) {
    gate_.succeeded();
    co_return;
  }
  so_far.maybe = so_far.maybe || so_far.last.error().sent == Sent::kMaybe;
  if (so_far.last.error().code != ErrorCode::kUnauthorized) {
    gate_.abandoned();
    co_return;
  }
  if (gate_.refused(clock_.monotonic())) {
    log::error("delivery.lane.held", {{"why", "the provider refuses our credentials"},
                                      {"do", "check user name and password in the configuration"},
                                      {"code", so_far.last.error().detail}});
  }
}

bool Sender::dies_unauthorized(std::uint64_t successes_before) const {
  return gate_.successes() > successes_before;
}

asio::awaitable<std::optional<Attempted>> Sender::attempt(Partition& partition,
                                                          const Notification& notification,
                                                          std::uint32_t attempt_number) {
  Attempted result;
  std::optional<std::uint64_t> refused_at;  // successes of others when this one was refused
  for (;;) {
    if (!co_await permitted(partition)) break;
    co_await call(notification, result);
    if (result.last) co_return result;
    result.step = next_step(settings_.retry, result.last.error(),
                            {.tries = static_cast<int>(result.tries),
                             .attempt = attempt_number,
                             .tiers = settings_.retry_delays.size()},
                            random_);
    if (std::holds_alternative<HoldLane>(result.step)) {
      if (refused_at && dies_unauthorized(*refused_at)) {
        result.step = Bury{events::reason::kUnauthorized};
        co_return result;
      }
      refused_at = refused_at.value_or(gate_.successes());
      continue;
    }
    const auto* again = std::get_if<SendAgain>(&result.step);
    if (again == nullptr) co_return result;
    const auto resume_at = clock_.monotonic() + again->after;
    while (partition.phase == Phase::kOwned && clock_.monotonic() < resume_at) {
      co_await partition.changed.wait_for(resume_at - clock_.monotonic());
    }
  }
  // Not permitted any more. Without a call nothing has happened; refused credentials use up no attempt.
  const bool nothing_to_tell = result.tries == 0 || (refused_at && !result.maybe);
  if (nothing_to_tell || partition.phase == Phase::kGone) co_return std::nullopt;
  result.step = last_step(result.last.error(), attempt_number);
  co_return result;
}

/// Given up between two tries: the attempt ends with its last failure.
NextStep Sender::last_step(const Error& failure, std::uint32_t attempt_number) {
  auto no_more = settings_.retry;
  no_more.max_tries = 0;
  const SoFar so_far{.tries = 1, .attempt = attempt_number, .tiers = settings_.retry_delays.size()};
  const auto step = next_step(no_more, failure, so_far, random_);
  if (!std::holds_alternative<HoldLane>(step)) return step;
  if (attempt_number <= so_far.tiers) return MoveToRetry{attempt_number - 1};
  return Bury{events::reason::kUnauthorized};
}

}  // namespace bongsu::delivery
