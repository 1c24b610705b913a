#include "replay_rows.hpp"

#include <bongsu/events/codec.hpp>

namespace bongsu::deadletters {
namespace {

using events::v1::DeadLetterEvent;
using postgres::Rows;

void put_counts(const Replay& replay, DeadLetterEvent::Plan& plan) {
  for (const auto& [reason, count] : replay.counts) {
    auto& entry = *plan.add_counts();
    entry.set_reason(reason);
    entry.set_count(count);
  }
}

void put_warnings(const Replay& replay, DeadLetterEvent::Plan& plan) {
  for (const auto& [code, count] : replay.warnings) {
    auto& entry = *plan.add_warnings();
    entry.set_code(code);
    entry.set_count(count);
  }
}

/// Ours alone have written it.
DeadLetterEvent::Plan plan_in(const Rows& rows, std::size_t row, std::size_t column) {
  DeadLetterEvent::Plan plan;
  require(plan.ParseFromString(rows.get<std::string>(row, column)), "what was written can be read");
  return plan;
}

Replay replay_at(const Rows& rows, std::size_t row) {
  const auto number = [&](std::size_t column) { return rows.get<std::int64_t>(row, column); };
  const auto text = [&](std::size_t column) { return rows.get<std::string>(row, column); };
  Replay replay{.id = rows.get<Uuid>(row, 0),
                .version = number(1),
                .revision = number(2),
                .state = static_cast<ReplayState>(rows.get<std::int16_t>(row, 3)),
                .filter = rows.get<std::optional<std::string>>(row, 4),
                .digest = text(5),
                .counts = {},
                .warnings = {},
                .rate = rows.get<double>(row, 8),
                .canary = {.count = number(9), .ratio = rows.get<double>(row, 10)},
                .canaries = static_cast<Canaries>(rows.get<std::int16_t>(row, 11)),
                .repaired = number(12),
                .created_at = rows.get<Timestamp>(row, 13),
                .expires_at = rows.get<Timestamp>(row, 14),
                .started_at = rows.get<std::optional<Timestamp>>(row, 15),
                .completed_at = rows.get<std::optional<Timestamp>>(row, 16),
                .created_by = text(17),
                .executed_by = text(18),
                .cancelled_by = text(19),
                .progress = {.waiting = number(20),
                             .replaying = number(21),
                             .delivered = number(22),
                             .dead_again = number(23),
                             .skipped = number(24),
                             .returned = number(25),
                             .taken = number(26),
                             .unsent = number(27),
                             .sent = number(28)}};
  const auto counts = plan_in(rows, row, 6);
  for (const auto& entry : counts.counts()) replay.counts.push_back({entry.reason(), entry.count()});
  const auto warnings = plan_in(rows, row, 7);
  for (const auto& entry : warnings.warnings()) replay.warnings.push_back({entry.code(), entry.count()});
  return replay;
}

}  // namespace

const std::string kReplayColumns =
    "id, version, revision, state, filter, digest, counts, warnings, rate, canary_count, canary_ratio, "
    "canaries, "
    "repaired, created_at, expires_at, started_at, completed_at, created_by, executed_by, cancelled_by, "
    "waiting, "
    "replaying, delivered, dead_again, skipped, returned, taken, unsent, sent";

std::vector<Replay> replays_of(const Rows& rows) {
  std::vector<Replay> replays;
  replays.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) replays.push_back(replay_at(rows, row));
  return replays;
}

std::string counts_column(const Replay& replay) {
  DeadLetterEvent::Plan plan;
  put_counts(replay, plan);
  return events::encode(plan);
}

std::string warnings_column(const Replay& replay) {
  DeadLetterEvent::Plan plan;
  put_warnings(replay, plan);
  return events::encode(plan);
}

DeadLetterEvent plan_event(const Replay& replay, Timestamp now) {
  DeadLetterEvent event;
  event.set_kind(DeadLetterEvent::PLAN_CHANGED);
  event.set_replay_id(replay.id.str());
  event.set_revision(static_cast<std::uint64_t>(replay.revision));
  *event.mutable_time() = events::to_proto(now);
  auto& plan = *event.mutable_plan();
  plan.set_state(v1::Replay::State_Name(replay.state));
  plan.set_total(replay.progress.total());
  plan.set_digest(replay.digest);
  *plan.mutable_created_at() = events::to_proto(replay.created_at);
  *plan.mutable_expires_at() = events::to_proto(replay.expires_at);
  if (replay.started_at) *plan.mutable_started_at() = events::to_proto(*replay.started_at);
  if (replay.completed_at) *plan.mutable_completed_at() = events::to_proto(*replay.completed_at);
  plan.set_created_by(replay.created_by);
  plan.set_executed_by(replay.executed_by);
  plan.set_cancelled_by(replay.cancelled_by);
  put_counts(replay, plan);
  put_warnings(replay, plan);
  plan.set_rate_per_second(replay.rate);
  plan.set_canary_count(replay.canary.count);
  plan.set_canary_min_success_ratio(replay.canary.ratio);
  plan.set_canaries(v1::Replay::Canaries_Name(replay.canaries));
  if (replay.filter) plan.set_filter(*replay.filter);
  plan.set_skipped(replay.progress.skipped);
  plan.set_returned(replay.progress.returned);
  return event;
}

}  // namespace bongsu::deadletters
