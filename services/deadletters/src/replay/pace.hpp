#pragma once
#include <chrono>
#include <cstdint>

namespace bongsu::deadletters {

/// How many letters may go out: at most `rate` a second over any second and longer, save for a first handful
/// that is at most a fifth of a second's worth. Pure: time is passed in, and never goes back.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `rate` a second, above 0.
  Pace(double rate, Time now);

  /// Whole letters that may go out now.
  std::int64_t available(Time now);
  /// So many went out; at most what was available.
  void spend(std::int64_t letters);
  /// When at least `letters` (or as many as ever gather) will be available.
  std::chrono::nanoseconds until(std::int64_t letters, Time now);

 private:
  void fill(Time now);

  double rate_;
  double most_;
  double tokens_;
  Time at_;
};

}  // namespace bongsu::deadletters
