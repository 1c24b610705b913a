#include "replay.hpp"

#include <cmath>

namespace bongsu::deadletters {
namespace {

/// What will never be sent under this replay is back where it was.
void end(Replay& replay, ReplayState state, Timestamp now) {
  replay.state = state;
  replay.completed_at = now;
  replay.progress.returned += std::exchange(replay.progress.waiting, 0);
}

}  // namespace

bool is_final(ReplayState state) {
  return state != v1::Replay::STATE_UNSPECIFIED && state != v1::Replay::PLANNED &&
         state != v1::Replay::RUNNING;
}

Canaries verdict(const CanaryRule& rule, const ReplayProgress& progress) {
  if (rule.count == 0) return v1::Replay::NONE;
  // Who comes after the canaries waits for them, so what was taken are canaries.
  const auto canaries = std::min(rule.count, progress.taken + progress.waiting);
  const auto needed = static_cast<std::int64_t>(std::ceil(rule.ratio * static_cast<double>(canaries) - 1e-9));
  const auto failed = progress.taken - progress.replaying - progress.delivered;
  if (progress.delivered >= needed) return v1::Replay::PASSED;
  if (failed > canaries - needed) return v1::Replay::FAILED;
  return v1::Replay::AWAITED;
}

std::int64_t may_take(const Replay& replay) {
  if (replay.state != v1::Replay::RUNNING) return 0;
  if (replay.canaries != v1::Replay::AWAITED) return replay.progress.waiting;
  return std::min(replay.progress.waiting,
                  std::max<std::int64_t>(0, replay.canary.count - replay.progress.taken));
}

std::optional<Replay> moved_on(const Replay& replay, Timestamp now) {
  auto next = replay;
  if (replay.state == v1::Replay::PLANNED) {
    if (now < replay.expires_at) return std::nullopt;
    end(next, v1::Replay::EXPIRED, now);
    return next;
  }
  if (replay.state != v1::Replay::RUNNING) return std::nullopt;
  bool changed = false;
  if (replay.canaries == v1::Replay::AWAITED) {
    next.canaries = verdict(replay.canary, replay.progress);
    changed = next.canaries != replay.canaries;
    if (next.canaries == v1::Replay::FAILED) {
      end(next, v1::Replay::HALTED, now);
      return next;
    }
  }
  if (next.progress.waiting == 0 && next.progress.replaying == 0) {
    end(next, v1::Replay::COMPLETED, now);
    return next;
  }
  if (!changed) return std::nullopt;
  return next;
}

std::optional<Replay> cancelled(const Replay& replay, const std::string& by, Timestamp now) {
  if (is_final(replay.state)) return std::nullopt;
  auto next = replay;
  next.cancelled_by = by;
  end(next, v1::Replay::CANCELLED, now);
  return next;
}

void PlanDigest::add(const Uuid& letter) {
  state_.append(letter.view());
  const auto hash = sha256(state_);
  state_.assign(reinterpret_cast<const char*>(hash.data()), hash.size());
}

}  // namespace bongsu::deadletters
