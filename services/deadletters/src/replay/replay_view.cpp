#include "replay_view.hpp"

#include "plan.hpp"

#include <bongsu/events/codec.hpp>

namespace bongsu::deadletters {
v1::Replay view_of(const Replay& replay) {
  v1::Replay view;
  view.set_name("replays/" + replay.id.str());
  view.set_state(replay.state);
  if (replay.filter) view.mutable_filter()->ParseFromString(*replay.filter);
  view.set_digest(to_hex(replay.digest));
  *view.mutable_expire_time() = events::to_proto(replay.expires_at);
  for (const auto& [reason, count] : replay.counts) {
    auto& entry = *view.add_counts();
    entry.set_reason(reason);
    entry.set_count(count);
  }
  for (const auto& [code, count] : replay.warnings) {
    auto& entry = *view.add_warnings();
    entry.set_code(code);
    entry.set_count(count);
    entry.set_message(std::to_string(count) + " " + std::string{message_of(code)});
  }
  const auto& progress = replay.progress;
  view.set_total_count(progress.total());
  view.set_waiting_count(progress.waiting);
  view.set_replaying_count(progress.replaying);
  view.set_delivered_count(progress.delivered);
  view.set_dead_again_count(progress.dead_again);
  view.set_skipped_count(progress.skipped);
  view.set_returned_count(progress.returned);
  view.set_sent_count(progress.sent);
  view.set_rate_per_second(replay.rate);
  if (replay.canary.count > 0) {
    view.mutable_canary()->set_count(static_cast<std::int32_t>(replay.canary.count));
    view.mutable_canary()->set_min_success_ratio(replay.canary.ratio);
  }
  view.set_canaries(replay.canaries);
  view.set_repaired_count(replay.repaired);
  *view.mutable_create_time() = events::to_proto(replay.created_at);
  if (replay.started_at) *view.mutable_start_time() = events::to_proto(*replay.started_at);
  if (replay.completed_at) *view.mutable_complete_time() = events::to_proto(*replay.completed_at);
  view.set_created_by(replay.created_by);
  view.set_executed_by(replay.executed_by);
  view.set_cancelled_by(replay.cancelled_by);
  return view;
}

Result<Uuid> read_replay_name(std::string_view name) {
  constexpr std::string_view kPrefix = "replays/";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  return Uuid::parse(name);
}

}  // namespace bongsu::deadletters
