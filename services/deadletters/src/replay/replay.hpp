#pragma once
#include <bongsu/core/bytes.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/deadletters/v1/deadletters.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a replay is, and how it moves on. All of it is pure.
namespace bongsu::deadletters {

using ReplayState = v1::Replay::State;
using Canaries = v1::Replay::Canaries;

/// Where a replay's letters stand. total = waiting + replaying + delivered + dead_again + skipped + returned.
struct ReplayProgress {
  std::int64_t waiting = 0;
  std::int64_t replaying = 0;
  std::int64_t delivered = 0;
  std::int64_t dead_again = 0;
  std::int64_t skipped = 0;
  std::int64_t returned = 0;
  std::int64_t taken = 0;   ///< ever taken, whatever became of them
  std::int64_t unsent = 0;  ///< taken, and not known to be published
  std::int64_t sent = 0;

  std::int64_t total() const { return waiting + replaying + delivered + dead_again + skipped + returned; }
  friend bool operator==(const ReplayProgress&, const ReplayProgress&) = default;
};

/// The first `count` go out and are waited for; on only if at least `ratio` of them were delivered.
struct CanaryRule {
  std::int64_t count = 0;  ///< 0: none
  double ratio = 0;
  friend bool operator==(const CanaryRule&, const CanaryRule&) = default;
};

struct ReasonCount {
  std::string reason;
  std::int64_t count = 0;
  friend bool operator==(const ReasonCount&, const ReasonCount&) = default;
};

struct Warning {
  std::string code;
  std::int64_t count = 0;
  friend bool operator==(const Warning&, const Warning&) = default;
};

/// A replay's row.
struct Replay {
  Uuid id;
  std::int64_t version = 1;   ///< who decides compares it
  std::int64_t revision = 0;  ///< of its events
  ReplayState state = v1::Replay::STATE_UNSPECIFIED;
  std::optional<std::string> filter;  ///< as protobuf, without the recipient
  std::string digest;                 ///< 32 bytes
  std::vector<ReasonCount> counts;
  std::vector<Warning> warnings;
  double rate = 0;  ///< letters a second
  CanaryRule canary;
  Canaries canaries = v1::Replay::CANARIES_UNSPECIFIED;
  std::int64_t repaired = 0;
  Timestamp created_at;
  Timestamp expires_at;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> completed_at;
  std::string created_by;
  std::string executed_by;
  std::string cancelled_by;
  ReplayProgress progress;
};

/// Nothing follows but outcomes of what was sent.
bool is_final(ReplayState state);

/// What the canaries say by now: AWAITED, PASSED or FAILED (NONE where none were asked for). As soon as the
/// share can no longer be reached, or is reached, the rest is not waited for. With fewer letters than
/// canaries, all of them are. Only for a replay that has sent nothing but canaries.
Canaries verdict(const CanaryRule& rule, const ReplayProgress& progress);

/// How many letters more may be taken now, the rate aside.
std::int64_t may_take(const Replay& replay);

/// What follows by itself from what is known: a plan expires, canaries are judged, all have their outcome.
/// Nothing: it stays as it is. What was never taken counts as returned once the replay has ended.
std::optional<Replay> moved_on(const Replay& replay, Timestamp now);

/// Ended by an operator. Nothing: it has ended already.
std::optional<Replay> cancelled(const Replay& replay, const std::string& by, Timestamp now);

/// Over the frozen letters in their order: what ExecuteReplay must name.
class PlanDigest {
 public:
  void add(const Uuid& letter);
  std::string bytes() const { return state_; }

 private:
  std::string state_ = std::string(32, '\0');
};

}  // namespace bongsu::deadletters
