#include "progress.hpp"

#include <algorithm>
#include <limits>

namespace bongsu::jobs {
namespace {

/// Credit moves in steps, so that control is not published for every page.
std::int32_t step_of(const CreditSettings& credit) { return std::max(1, credit.window / 5); }

/// By what is known; of a job that nobody has paused or cancelled.
State working_state(const JobRow& job, const PageSums& pages) {
  if (!job.total && pages.planned == 0) return State::kCreated;
  if (job.hold) return State::kPlanned;
  if (pages.planned == 0) return State::kInProgress;
  return pages.complete() ? State::kSendingMessages : State::kProcessingBatch;
}

State end_of(const Counts& counts) {
  if (counts.failure + counts.unknown == 0) return State::kCompleted;
  return counts.success > 0 ? State::kPartiallyFailed : State::kFailed;
}

bool is_working(State state) {
  return state != State::kPaused && state != State::kCancelled && !has_ended(state);
}

void settle(JobRow& job, const PageSums& pages, Timestamp now) {
  if (is_working(job.state)) job.state = working_state(job, pages);
  if (is_working(job.state) && job.state >= State::kInProgress && !job.started_at) job.started_at = now;
  const auto counts = counts_of({job, pages});
  const bool all_counted = pages.complete() && counts.pending == 0;
  if (all_counted && job.state != State::kCancelled) job.state = end_of(counts);
  if (all_counted && !job.completed_at) job.completed_at = now;
  job.recount = false;
}

Control control_of(const JobRow& job) {
  if (has_ended(job.state)) return Control::kEnded;
  if (job.state == State::kCancelled) return Control::kCancelled;
  if (job.state == State::kPaused) return Control::kPaused;
  return job.hold ? Control::kHeld : Control::kRunning;
}

std::unexpected<Error> refused(std::string why) { return fail(ErrorCode::kConflict, std::move(why)); }

}  // namespace

std::string_view name_of(Action action) {
  static constexpr std::array<std::string_view, kActions.size()> kNames{"start", "pause", "resume", "cancel"};
  return kNames[static_cast<std::size_t>(action)];
}

Result<void> allowed(State state, Action action) {
  const auto is = [&](auto... states) { return ((state == states) || ...); };
  const std::string now = "the job is " + std::string{name_of(state)};
  if (has_ended(state)) return refused(now + ": it has ended, and nothing of it can be changed any more");
  if (state == State::kCancelled) return refused(now + ": that is for good; create a new job to send again");
  switch (action) {
    case Action::kStart:
      if (is(State::kPlanned)) return {};
      if (is(State::kCreated))
        return refused(now + ": its recipients are being counted; start it once it is PLANNED");
      if (is(State::kPaused)) return refused(now + ": resume it");
      return refused(now + ": it has been started already");
    case Action::kPause:
      if (is(State::kPlanned))
        return refused(now + ": it has not been started, so nothing is sent; start or cancel it");
      if (is(State::kPaused)) return refused(now + " already: resume or cancel it");
      return {};
    case Action::kResume:
      if (is(State::kPaused)) return {};
      if (is(State::kPlanned)) return refused(now + ": it is not paused but held; start it");
      return refused(now + ": it is not paused");
    case Action::kCancel:
      return {};
  }
  return refused(now);
}

bool renew_control(JobRow& job, const PageSums& pages, Timestamp now, const CreditSettings& credit) {
  const auto control = control_of(job);
  auto pages_allowed = job.pages_allowed;
  if (control == Control::kRunning && !pages.complete()) {
    const auto wanted =
        std::min<std::int64_t>(pages.done + credit.window, std::numeric_limits<std::int32_t>::max());
    if (job.pages_allowed == 0 || wanted >= job.pages_allowed + step_of(credit)) {
      pages_allowed = std::max(pages_allowed, static_cast<std::int32_t>(wanted));
    }
  }
  const bool news = control != job.control || pages_allowed != job.pages_allowed || job.revision == 0;
  if (news) {
    job.control = control;
    job.pages_allowed = pages_allowed;
    ++job.revision;
    job.control_at = now;
  }
  return news;
}

Change take(const Snapshot& snapshot, Action action, Timestamp now, const CreditSettings& credit) {
  Change change{.job = snapshot.job};
  auto& job = change.job;
  switch (action) {
    case Action::kStart:
      job.hold = false;
      break;
    case Action::kPause:
      job.state = State::kPaused;
      break;
    case Action::kResume:
      job.state = working_state(job, snapshot.pages);
      break;
    case Action::kCancel:
      job.state = State::kCancelled;
      break;
  }
  settle(job, snapshot.pages, now);
  change.publish = renew_control(job, snapshot.pages, now, credit);
  return change;
}

std::optional<Change> advance(const Snapshot& snapshot, Timestamp now, const CreditSettings& credit) {
  Change change{.job = snapshot.job};
  auto& job = change.job;
  settle(job, snapshot.pages, now);
  change.publish = renew_control(job, snapshot.pages, now, credit);
  if (!change.publish && !job.completed_at && now - job.control_at >= credit.republish) {
    job.control_at = now;
    change.publish = true;
  }
  const auto& before = snapshot.job;
  const bool changed = change.publish || job.state != before.state || job.recount != before.recount ||
                       job.started_at != before.started_at || job.completed_at != before.completed_at;
  if (!changed) return std::nullopt;
  return change;
}

}  // namespace bongsu::jobs
