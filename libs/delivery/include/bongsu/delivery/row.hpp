#pragma once
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/events/progress.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace bongsu::delivery {

/// How an attempt ended. The numbers stand in the ledger's table: never renumber.
enum class Outcome : std::uint8_t {
  kOpen = 0,        ///< a mark: it may have gone out, and is being sent again; gives way to any end
  kDelivered = 1,   ///< the provider took it; nothing follows
  kFailed = 2,      ///< goes on in a retry topic
  kDead = 3,        ///< ended in the dead-letter topic
  kUnknown = 4,     ///< nobody knows whether it went out; ended in the dead-letter topic
  kSuppressed = 5,  ///< decided not to send; nothing follows
  kHeld = 6,        ///< its job is paused: a copy waits in a retry topic, attempt unchanged
  kFellBack = 7,    ///< another channel has taken over
};

/// The ledger's one row of a notification: how its latest attempt ended, and all that what follows
/// it needs, so that the follow-up can be published again after a crash without sending again.
struct Row {
  Uuid id;
  std::uint32_t generation = 0;
  std::uint32_t attempt = 1;
  std::uint32_t round = 0;
  Outcome outcome = Outcome::kOpen;
  bool maybe = false;             ///< a call may have gone out without an answer
  std::string reason;             ///< of events/reasons.hpp; empty when delivered
  std::string provider_code;      ///< public
  std::string provider_id;        ///< public
  std::string message;            ///< our text for people, never private
  std::uint32_t tries = 0;        ///< provider calls of this attempt
  std::uint32_t total_tries = 0;  ///< provider calls of this generation
  std::chrono::milliseconds latency{0};
  Timestamp ended_at;
  std::optional<Timestamp> first_failed_at;

  friend bool operator==(const Row&, const Row&) = default;
};

events::Progress progress_of(const Row& row);

/// What a record read from a topic means, given the row that its notification has.
enum class Verdict : std::uint8_t {
  kGoOn,    ///< a new attempt: deliver it
  kRepeat,  ///< this attempt has ended: publish what follows it again, send nothing
  kDone,    ///< overtaken: publish nothing
};
/// Pure. `delivered` ends its whole generation: whatever is read of it afterwards repeats that. A mark has
/// not ended.
Verdict judge(const events::Progress& record, const std::optional<Row>& row);

/// What stays in the ledger when `offered` is written over `old`. Pure; the ledger's SQL says the same.
///
/// A greater (generation, attempt, round) replaces a smaller one; within a generation `delivered`
/// replaces any other outcome, whenever it comes, and is replaced by nothing; a mark is replaced by the end
/// of its own attempt; else the first stays. `maybe` never goes back to no.
Row merge(const std::optional<Row>& old, const Row& offered);

}  // namespace bongsu::delivery
