#pragma once
#include "job.hpp"

#include <bongsu/core/error.hpp>

#include <chrono>
#include <optional>

/// Which state follows which, and what job.control then says. Pure: no clock, no tables.
namespace bongsu::jobs {

/// What an operator may ask of a job.
enum class Action : std::uint8_t { kStart, kPause, kResume, kCancel };
inline constexpr std::array kActions{Action::kStart, Action::kPause, Action::kResume, Action::kCancel};
std::string_view name_of(Action action);

/// Whether the action may be taken in that state.
/// Errors: kConflict, with what to do instead.
Result<void> allowed(State state, Action action);

struct CreditSettings {
  std::int32_t window = 50;  ///< pages that may be frozen beyond those fully accounted for
  std::chrono::milliseconds republish = std::chrono::minutes{1};
};

/// The job's row as it should be, and whether job.control is to be published with it.
struct Change {
  JobRow job;
  bool publish = false;
};

/// The action's effect on a job in a state that allows it.
Change take(const Snapshot& snapshot, Action action, Timestamp now, const CreditSettings& credit);

/// What follows from what is known by now: counted, pages frozen, all of them, everybody accounted for; more
/// credit; control that has to be said again. None: nothing is to be written.
std::optional<Change> advance(const Snapshot& snapshot, Timestamp now, const CreditSettings& credit);

/// Sets the control of a row that is new or has changed; tells whether it says something new.
bool renew_control(JobRow& job, const PageSums& pages, Timestamp now, const CreditSettings& credit);

}  // namespace bongsu::jobs
