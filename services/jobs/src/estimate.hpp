#pragma once
#include "job.hpp"

#include <chrono>
#include <deque>
#include <optional>

/// How fast a job goes, and how long it will take. Pure.
namespace bongsu::jobs {

/// What the providers allow, per minute; of all replicas together.
struct Limits {
  std::int64_t email = 60'000;
  std::int64_t kakao = 100;
  std::int64_t sms = 500;
};

/// Recipients counted a second, over the last ten seconds.
class Rate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  void note(Time now, std::int64_t counted);
  double per_second() const;

 private:
  struct Sample {
    Time at;
    std::int64_t counted;
  };
  std::deque<Sample> samples_;
};

/// From the start to the end: as it was when the job has ended; else what has passed and what is left, at
/// `rate`, or where nothing has been measured at the channel's limit.
std::chrono::milliseconds estimated_duration(const JobRow& job, const Counts& counts, double rate,
                                             const Limits& limits, Timestamp now);

}  // namespace bongsu::jobs
