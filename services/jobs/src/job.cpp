#include "job.hpp"

#include <algorithm>

namespace bongsu::jobs {

std::string_view name_of(State state) {
  static constexpr std::array<std::string_view, kStates.size()> kNames{
      "CREATED", "PLANNED",   "IN_PROGRESS",      "PROCESSING_BATCH", "SENDING_MESSAGES",
      "PAUSED",  "COMPLETED", "PARTIALLY_FAILED", "FAILED",           "CANCELLED"};
  return kNames[static_cast<std::size_t>(state) - 1];
}

Counts counts_of(const Snapshot& snapshot) {
  const auto& [job, pages] = snapshot;
  Counts counts{.success = pages.success,
                .failure = pages.failure,
                .unknown = pages.unknown,
                .no_consent = pages.no_consent,
                .inactive = pages.inactive,
                .no_recipient = pages.no_recipient,
                .cancelled = pages.cancelled,
                .fallback = pages.fallback};
  const bool cancelled = job.state == State::kCancelled;
  const auto heard_of = counts.success + counts.failure + counts.unknown + counts.suppressed();
  counts.total = pages.complete() && !cancelled ? std::max(pages.frozen, heard_of)
                                                : std::max({job.total.value_or(0), pages.frozen, heard_of});
  if (pages.complete()) {
    if (cancelled) counts.cancelled += counts.total - std::max(pages.frozen, heard_of);
  } else {
    // Who will be suppressed is known from the plan already, as far as there is room for it.
    auto room = counts.total - heard_of;
    const auto raise = [&](std::int64_t& count, std::int64_t planned) {
      const auto more = std::clamp<std::int64_t>(planned - count, 0, room);
      count += more;
      room -= more;
    };
    raise(counts.no_consent, job.planned_no_consent);
    raise(counts.inactive, job.planned_inactive);
    raise(counts.no_recipient, job.planned_no_recipient);
  }
  counts.pending = counts.total - counts.success - counts.failure - counts.unknown - counts.suppressed();
  return counts;
}

}  // namespace bongsu::jobs
