#include <bongsu/delivery/next_step.hpp>
#include <bongsu/events/reasons.hpp>

namespace bongsu::delivery {
namespace {

namespace reason = events::reason;

/// Whether another attempt, later, could end otherwise.
bool may_pass(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTimeout:
    case ErrorCode::kUnavailable:
    case ErrorCode::kRateLimited:
    case ErrorCode::kExhausted:
    case ErrorCode::kCancelled:
      return true;
    default:
      return false;
  }
}

/// Whether another call within this attempt makes sense. A stock does not refill in seconds.
bool worth_calling_again(ErrorCode code) { return may_pass(code) && code != ErrorCode::kExhausted; }

}  // namespace

std::string_view reason_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kTimeout:
      return reason::kTimeout;
    case ErrorCode::kUnavailable:
    case ErrorCode::kCancelled:
      return reason::kUnavailable;
    case ErrorCode::kRateLimited:
      return reason::kRateLimited;
    case ErrorCode::kUnauthorized:
      return reason::kUnauthorized;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kTooLarge:
      return reason::kInvalidRequest;
    case ErrorCode::kNotFound:
      return reason::kInvalidRecipient;
    case ErrorCode::kRejected:
      return reason::kProviderRejected;
    case ErrorCode::kExhausted:
      return reason::kOutOfStock;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
    case ErrorCode::kInternal:
      return reason::kInternal;
  }
  return reason::kInternal;
}

std::optional<NextStep> step_for(JobState state) {
  switch (state) {
    case JobState::kHeld:
    case JobState::kPaused:
      return PutOff{};
    case JobState::kCancelled:
      return Suppress{};
    case JobState::kUnknown:
    case JobState::kRunning:
    case JobState::kEnded:
      break;
  }
  return std::nullopt;
}

NextStep next_step(const resilience::RetryPolicy& policy, const Error& failure, const SoFar& so_far,
                   Random& random) {
  if (failure.code == ErrorCode::kUnauthorized) return HoldLane{};
  if (!may_pass(failure.code)) return Bury{reason_of(failure.code)};
  if (worth_calling_again(failure.code)) {
    const auto delay = delay_before_next(policy, so_far.tries, failure.retry_after, random);
    if (delay) return SendAgain{*delay};
  }
  if (so_far.falls_back && failure.code != ErrorCode::kExhausted) return FallBack{};
  // Attempt 1 goes on in tier 0, attempt 2 in tier 1, …
  const std::size_t tier = so_far.attempt - 1;
  if (tier < so_far.tiers) return MoveToRetry{tier};
  return Bury{reason_of(failure.code)};
}

}  // namespace bongsu::delivery
