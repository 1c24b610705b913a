#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/random.hpp>
#include <bongsu/delivery/controls.hpp>
#include <bongsu/resilience/retry.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace bongsu::delivery {

/// Call the provider again in this attempt.
struct SendAgain {
  std::chrono::milliseconds after;
  friend bool operator==(const SendAgain&, const SendAgain&) = default;
};
/// The attempt is over; the next one waits in this retry topic (0 = retry.1m).
struct MoveToRetry {
  std::size_t tier;
  friend bool operator==(const MoveToRetry&, const MoveToRetry&) = default;
};
/// The attempt is over; the channel that the request names takes over.
struct FallBack {
  friend bool operator==(const FallBack&, const FallBack&) = default;
};
/// Our credentials are refused: hold the lane, use up nobody's attempts.
struct HoldLane {
  friend bool operator==(const HoldLane&, const HoldLane&) = default;
};
/// Nothing can help: dead letter.
struct Bury {
  std::string_view reason;
  friend bool operator==(const Bury&, const Bury&) = default;
};
/// Its job is paused or not started: the attempt begins again in a while, by a copy in the first retry topic.
struct PutOff {
  friend bool operator==(const PutOff&, const PutOff&) = default;
};
/// Its job is cancelled: nothing more is sent.
struct Suppress {
  friend bool operator==(const Suppress&, const Suppress&) = default;
};
using NextStep = std::variant<SendAgain, MoveToRetry, FallBack, HoldLane, Bury, PutOff, Suppress>;

/// How far a notification has come when a call fails.
struct SoFar {
  int tries = 1;  ///< calls of this attempt, the failed one included
  std::uint32_t attempt = 1;
  std::size_t tiers = 2;    ///< retry topics there are
  bool falls_back = false;  ///< the request names another channel, and may go there now
};

/// Why, in the words of dead letters and results (events/reasons.hpp).
std::string_view reason_of(ErrorCode code);

/// What job.control says of a record that could be sent now. Nothing: it may go out.
std::optional<NextStep> step_for(JobState state);

/// What follows a call that failed. Pure but for the dice of the jitter.
NextStep next_step(const resilience::RetryPolicy& policy, const Error& failure, const SoFar& so_far,
                   Random& random);

}  // namespace bongsu::delivery
