#pragma once
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/events/channel.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::jobs {

/// As Job.State in jobs.proto, by number.
enum class State : std::int16_t {
  kCreated = 1,
  kPlanned,
  kInProgress,
  kProcessingBatch,
  kSendingMessages,
  kPaused,
  kCompleted,
  kPartiallyFailed,
  kFailed,
  kCancelled,
};

inline constexpr std::array kStates{State::kCreated,         State::kPlanned,         State::kInProgress,
                                    State::kProcessingBatch, State::kSendingMessages, State::kPaused,
                                    State::kCompleted,       State::kPartiallyFailed, State::kFailed,
                                    State::kCancelled};

/// "PROCESSING_BATCH"
std::string_view name_of(State state);
/// COMPLETED, PARTIALLY_FAILED, FAILED: decided by the counts alone.
constexpr bool has_ended(State state) {
  return state == State::kCompleted || state == State::kPartiallyFailed || state == State::kFailed;
}

/// As JobControl.State, by number.
enum class Control : std::int16_t { kHeld = 1, kRunning, kPaused, kCancelled, kEnded };

/// A job's row.
struct JobRow {
  Uuid id;
  std::int64_t version = 0;
  State state = State::kCreated;
  std::string age_group;
  events::Channel channel = events::Channel::kKakao;
  std::optional<events::Channel> fallback;
  std::string purpose;
  bool hold = false;
  std::optional<std::int64_t> total;  ///< as counted
  std::int64_t planned_no_consent = 0;
  std::int64_t planned_inactive = 0;
  std::int64_t planned_no_recipient = 0;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> completed_at;
  bool recount = false;
  Control control = Control::kRunning;
  std::int64_t revision = 0;
  std::int32_t pages_allowed = 0;
  Timestamp control_at;
};

/// The sum over a job's pages.
struct PageSums {
  std::int64_t planned = 0;          ///< pages that the gateway has told of
  std::int64_t frozen = 0;           ///< members in them
  std::int64_t done = 0;             ///< of them, pages where nobody is pending
  std::optional<std::int32_t> last;  ///< the last page's number
  std::int64_t success = 0;
  std::int64_t failure = 0;
  std::int64_t unknown = 0;
  std::int64_t no_consent = 0;
  std::int64_t inactive = 0;
  std::int64_t no_recipient = 0;
  std::int64_t cancelled = 0;
  std::int64_t fallback = 0;

  /// The gateway has told of every page.
  bool complete() const { return last && planned == *last + 1; }
};

/// A job and its pages as they were at one moment: read in one statement.
struct Snapshot {
  JobRow job;
  PageSums pages;
};

/// total = success + failure + suppressed() + unknown + pending, by construction.
struct Counts {
  std::int64_t total = 0;
  std::int64_t success = 0;
  std::int64_t failure = 0;
  std::int64_t unknown = 0;
  std::int64_t no_consent = 0;
  std::int64_t inactive = 0;
  std::int64_t no_recipient = 0;
  std::int64_t cancelled = 0;
  std::int64_t pending = 0;
  std::int64_t fallback = 0;

  std::int64_t suppressed() const { return no_consent + inactive + no_recipient + cancelled; }
  std::int64_t counted() const { return total - pending; }
};

/// The total is what was counted until all pages are known, then their sizes; of a cancelled job it stays
/// what was counted, and who was never frozen is suppressed. Pure.
Counts counts_of(const Snapshot& snapshot);

}  // namespace bongsu::jobs
