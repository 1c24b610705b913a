#include "estimate.hpp"

#include <algorithm>
#include <cmath>

namespace bongsu::jobs {
namespace {

using namespace std::chrono_literals;

constexpr auto kWindow = 10s;
constexpr auto kLeast = 100ms;

double per_second(const Limits& limits, events::Channel channel) {
  const auto per_minute = channel == events::Channel::kSms     ? limits.sms
                          : channel == events::Channel::kKakao ? limits.kakao
                                                               : limits.email;
  return static_cast<double>(per_minute) / 60;
}

}  // namespace

void Rate::note(Time now, std::int64_t counted) {
  // A replay counts nobody anew, and a plan is not progress: a smaller number begins again.
  if (!samples_.empty() && counted < samples_.back().counted) samples_.clear();
  if (samples_.empty() || now - samples_.back().at >= kLeast) samples_.push_back({now, counted});
  while (samples_.size() > 2 && now - samples_[1].at >= kWindow) samples_.pop_front();
}

double Rate::per_second() const {
  if (samples_.size() < 2) return 0;
  const std::chrono::duration<double> passed = samples_.back().at - samples_.front().at;
  return static_cast<double>(samples_.back().counted - samples_.front().counted) / passed.count();
}

std::chrono::milliseconds estimated_duration(const JobRow& job, const Counts& counts, double rate,
                                             const Limits& limits, Timestamp now) {
  if (job.completed_at) return *job.completed_at - job.started_at.value_or(*job.completed_at);
  const auto passed = job.started_at ? std::max(now - *job.started_at, 0ms) : 0ms;
  const auto speed = rate > 0 ? rate : per_second(limits, job.channel);
  const auto left = std::ceil(static_cast<double>(counts.pending) / speed);
  return passed + std::chrono::seconds{static_cast<std::int64_t>(left)};
}

}  // namespace bongsu::jobs
