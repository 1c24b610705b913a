#include "sim_broker.hpp"
#include "sim_controls.hpp"
#include "sim_ledger.hpp"
#include "witness.hpp"

#include <bongsu/delivery/next_step.hpp>
#include <bongsu/events/v1/result.pb.h>

namespace bongsu::world {

using delivery::Outcome;
using events::v1::DeliveryResult;

void Witness::conclude() {
  std::map<Uuid, std::vector<const Call*>> accepted;
  for (const auto& call : calls_) {
    if (call.accepted) accepted[call.id].push_back(&call);
  }
  for (auto& [id, calls] : accepted) {
    std::ranges::sort(calls, {}, [](const Call* call) { return *call->accepted; });
    check_doubles(id, calls);
    check_fallback(id);
  }
  for (const auto& id : asked_) check_end(id);
  check_rate();
}

/// Nothing of a job goes out once its life knows that it is stopped, nor before it knows what was said.
void Witness::check_control(const Life& life, const Uuid& id) {
  const auto job = job_of_.find(id);
  if (job == job_of_.end()) return;
  const auto& controls = *controls_.at(life.number);
  if (!controls.has_read_what_was_there())
    sim_.violation("sent before job.control was read", name_of(id) + " by " + life.name);
  if (delivery::step_for(controls.known(job->second)))
    sim_.violation("sent although its job is stopped",
                   name_of(id) + " of " + job->second + " by " + life.name);
}

/// Nobody is held or suppressed without a reason, and what may have gone out is not called suppressed.
void Witness::check_stopped(const delivery::Row& offered) {
  if (offered.outcome != Outcome::kHeld && offered.outcome != Outcome::kSuppressed) return;
  const auto job = job_of_.find(offered.id);
  const bool held = offered.outcome == Outcome::kHeld;
  if (job == job_of_.end() || (held && !jobs_.was_ever_stopped(job->second)) ||
      (!held && jobs_.state_of(job->second) != delivery::JobState::kCancelled))
    sim_.violation("held or suppressed for nothing", name_of(offered.id));
  if (!held && offered.maybe) sim_.violation("suppressed although it may have gone out", name_of(offered.id));
}

/// The promise to the provider, all lives together. (A window's is the same at each of its calls.)
void Witness::check_rate() {
  if (!settings_.rate_limit.is_limited()) return;
  const auto& policy = settings_.rate_limit.policy;
  const double per_second = policy.per_minute / 60.0;
  const bool bucket = policy.strategy == resilience::LimitStrategy::kTokenBucket;
  const double room = bucket ? std::max({policy.burst, 1.0, policy.burst == 0 ? per_second : 0}) : 0;
  for (std::size_t last = 0; last < calls_.size(); ++last) {
    for (std::size_t first = 0; first <= last; ++first) {
      const auto span = calls_[last].began - calls_[first].began;
      const auto count = static_cast<double>(last - first + 1);
      const double seconds = std::chrono::duration<double>(span).count();
      const bool kept =
          bucket ? count <= room + per_second * seconds + 1e-6 : span >= 60s || count <= policy.per_minute;
      if (kept) continue;
      return sim_.violation("more calls than promised",
                            std::to_string(last - first + 1) + " in " + std::to_string(seconds) + " s");
    }
  }
}

/// An id's end: one final result that says what the ledger says.
void Witness::check_end(const Uuid& id) {
  const auto found = database_.rows.find(id);
  if (found == database_.rows.end()) {
    // One whose time is out of bounds has no room in the ledger: its letter is its end.
    if (!letters_.contains({id, 0}) && !refused_.contains(id)) sim_.violation("lost", name_of(id));
    return;
  }
  const auto& row = found->second;
  if (row.outcome == Outcome::kOpen) return sim_.violation("left open", name_of(id));
  if (row.outcome == Outcome::kFailed || row.outcome == Outcome::kHeld) {
    if (!refused_.contains(id)) sim_.violation("lost between two attempts", name_of(id));
    return;
  }
  if (row.outcome == Outcome::kFellBack && !fallbacks_.contains(id))
    return sim_.violation("fell back to nowhere", name_of(id));
  const Result* last = nullptr;
  for (const auto& result : results_[id]) {
    if (!result.final || result.progress.generation != row.generation) continue;
    if (last == nullptr || result.outcome == DeliveryResult::DELIVERED) last = &result;
  }
  if (last == nullptr) return sim_.violation("no final result", name_of(id));
  // Late, and then it died or ended before it could publish what it had told the ledger.
  const auto late = told_late_.find(id);
  const bool cut_short = late != told_late_.end() && late->second->dead;
  if (last->outcome != result_outcome(row.outcome) && !cut_short)
    sim_.violation("the results say something else than the ledger", name_of(id) + " " + text_of(row));
  const auto told = told_delivered_.find(id);
  if (told != told_delivered_.end() && told->second == row.generation && row.outcome != Outcome::kDelivered)
    sim_.violation("delivered, and the ledger does not know", name_of(id) + " " + text_of(row));
  const bool two_ends = row.outcome == Outcome::kDelivered && letters_.contains({id, row.generation});
  if (two_ends && !told_late_.contains(id)) sim_.violation("delivered and dead", name_of(id));
}

/// What another channel takes over although this one delivered is told as such.
void Witness::check_fallback(const Uuid& id) {
  const auto row = database_.rows.find(id);
  if (row != database_.rows.end() && row->second.outcome == Outcome::kFellBack && !row->second.maybe)
    sim_.violation("delivered, fell back and not marked", name_of(id));
}

/// Whether the window (libs/delivery/README.md) allows the second acceptance after the first.
bool Witness::in_the_window(const Call& first, const Call& second) const {
  if (first.told == Call::Told::kMaybe) return true;
  if (!first.recorded) return first.life->dead;
  // People sent an unknown one again; its sender told what had happened only after that.
  if (first.progress.generation < second.progress.generation) return first.life->troubled_since(first.began);
  // Told, but only after the second had begun: its sender stood still, or was cut off, past its lease.
  // Its attempt, that is: nobody looks again between two tries.
  return second.looked.value_or(second.began) <= *first.recorded && first.life->troubled_since(first.began);
}

void Witness::check_doubles(const Uuid& id, const std::vector<const Call*>& accepted) {
  for (std::size_t i = 1; i < accepted.size(); ++i) {
    if (!in_the_window(*accepted[i - 1], *accepted[i])) {
      sim_.violation("accepted twice outside of the window",
                     name_of(id) + " of " + accepted[i - 1]->life->name + " and " + accepted[i]->life->name);
    }
    const auto row = database_.rows.find(id);
    const bool row_says = row != database_.rows.end() && row->second.maybe;
    const bool result_says =
        std::ranges::any_of(results_[id], [](const Result& result) { return result.maybe; });
    if (!row_says || !result_says) sim_.violation("accepted twice and not marked", name_of(id));
  }
}

}  // namespace bongsu::world
