#include "job_view.hpp"

#include "new_job.hpp"

#include <bongsu/events/codec.hpp>

namespace bongsu::jobs {
namespace {

void add_suppressed(v1::Job& job, const char* reason, std::int64_t count) {
  if (count == 0) return;
  auto& one = *job.add_suppressed_by_reason();
  one.set_reason(reason);
  one.set_count(count);
}

void show_counts(v1::Job& job, const Counts& counts) {
  job.set_total_count(counts.total);
  job.set_success_count(counts.success);
  job.set_failure_count(counts.failure);
  job.set_suppressed_count(counts.suppressed());
  job.set_unknown_count(counts.unknown);
  job.set_pending_count(counts.pending);
  job.set_fallback_count(counts.fallback);
  add_suppressed(job, "no_consent", counts.no_consent);
  add_suppressed(job, "inactive", counts.inactive);
  add_suppressed(job, "no_recipient", counts.no_recipient);
  add_suppressed(job, "cancelled", counts.cancelled);
}

}  // namespace

v1::Job view_of(const Snapshot& snapshot, double rate, const Limits& limits, Timestamp now) {
  const auto& row = snapshot.job;
  const auto counts = counts_of(snapshot);
  v1::Job job;
  job.set_name(name_of_job(row.id));
  job.set_state(static_cast<v1::Job::State>(row.state));
  job.set_age_group(row.age_group);
  job.set_channel(std::string{events::upper_name_of(row.channel)});
  job.set_fallback(row.fallback ? std::string{events::upper_name_of(*row.fallback)} : "NONE");
  job.set_purpose(row.purpose);
  show_counts(job, counts);
  *job.mutable_create_time() = events::to_proto(row.id.time());
  if (row.started_at) *job.mutable_start_time() = events::to_proto(*row.started_at);
  if (row.completed_at) *job.mutable_complete_time() = events::to_proto(*row.completed_at);
  if (row.total || row.completed_at) {
    const auto duration = estimated_duration(row, counts, rate, limits, now);
    job.mutable_estimated_duration()->set_seconds(duration.count() / 1000);
    job.mutable_estimated_duration()->set_nanos(
        static_cast<std::int32_t>(duration.count() % 1000 * 1'000'000));
  }
  job.set_rate_per_second(row.completed_at ? 0 : rate);
  return job;
}

bool is_news(const v1::Job& before, const v1::Job& after) {
  const auto facts = [](v1::Job job) {
    job.clear_rate_per_second();
    job.clear_estimated_duration();
    return job.SerializeAsString();
  };
  return facts(before) != facts(after);
}

}  // namespace bongsu::jobs
