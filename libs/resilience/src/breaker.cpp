#include <bongsu/resilience/breaker.hpp>

#include <algorithm>

namespace bongsu::resilience {

std::optional<Breaker::Permit> Breaker::try_pass(Time now) {
  if (!open_) return Permit{.probe = false, .period = period_};
  if (now < next_probe_) return std::nullopt;
  next_probe_ = now + policy_.probe_interval;
  return Permit{.probe = true, .period = period_};
}

Breaker::Change Breaker::ended(Time now, const Permit& permit, Ended how) {
  if (permit.period != period_) return Change::kNone;
  if (open_) {
    if (how == Ended::kOk) return change(now, false);
    if (how == Ended::kNeutral) next_probe_ = std::min(next_probe_, now);
    return Change::kNone;
  }
  if (how == Ended::kNeutral) return Change::kNone;
  count(now, how == Ended::kFailed);
  return must_open() ? change(now, true) : Change::kNone;
}

void Breaker::count(Time now, bool failed) {
  const auto at = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch());
  while (!moments_.empty() && at - moments_.front().at >= policy_.span) {
    ended_ -= moments_.front().ended;
    failed_ -= moments_.front().failed;
    moments_.pop_front();
  }
  if (moments_.empty() || moments_.back().at != at) moments_.push_back({.at = at});
  ++moments_.back().ended;
  ++ended_;
  if (failed) {
    ++moments_.back().failed;
    ++failed_;
  }
  failed_in_a_row_ = failed ? failed_in_a_row_ + 1 : 0;
}

bool Breaker::must_open() const {
  return failed_in_a_row_ > 0 && failed_in_a_row_ >= policy_.run &&
         static_cast<double>(failed_) >= policy_.share * static_cast<double>(ended_);
}

Breaker::Change Breaker::change(Time now, bool open) {
  open_ = open;
  ++period_;
  failed_in_a_row_ = ended_ = failed_ = 0;
  moments_.clear();
  since_ = now;
  next_probe_ = now + policy_.probe_interval;
  return open ? Change::kOpened : Change::kClosed;
}

}  // namespace bongsu::resilience
