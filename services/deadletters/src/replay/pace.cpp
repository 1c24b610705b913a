#include "pace.hpp"

#include <algorithm>
#include <cmath>

namespace bongsu::deadletters {
namespace {

/// Of a second: what may gather while nobody takes it.
constexpr double kBurst = 0.2;

}  // namespace

Pace::Pace(double rate, Time now)
    : rate_(rate), most_(std::max(1.0, rate * kBurst)), tokens_(std::min(1.0, most_)), at_(now) {}

void Pace::fill(Time now) {
  if (now <= at_) return;
  tokens_ = std::min(most_, tokens_ + rate_ * std::chrono::duration<double>(now - at_).count());
  at_ = now;
}

std::int64_t Pace::available(Time now) {
  fill(now);
  // What is a whole letter but for the last bit is one.
  return static_cast<std::int64_t>(std::floor(tokens_ + 1e-9));
}

void Pace::spend(std::int64_t letters) { tokens_ -= static_cast<double>(letters); }

std::chrono::nanoseconds Pace::until(std::int64_t letters, Time now) {
  fill(now);
  const auto missing = std::min(static_cast<double>(letters), most_) - tokens_;
  if (missing <= 0) return {};
  return std::chrono::ceil<std::chrono::nanoseconds>(std::chrono::duration<double>(missing / rate_));
}

}  // namespace bongsu::deadletters
