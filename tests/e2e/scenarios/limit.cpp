#include "scenarios.hpp"
#include "scene.hpp"

#include <algorithm>
#include <utility>

namespace bongsu::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMinuteMs = 60'000;

/// The most above what a bucket allows (burst + rate × t, in any t), in requests; not above: 0 or less.
double over_the_bucket(const std::vector<std::int64_t>& times, double rate_per_ms, double burst) {
  double over = -burst;
  double least = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    // The simulator's milliseconds are cut: two of them may be almost one further apart than they say.
    const double filled = rate_per_ms * static_cast<double>(times[i] - times.front());
    const auto sent = static_cast<double>(i);
    least = i == 0 ? 0 : std::min(least, sent - filled);
    over = std::max(over, sent + 1 - filled - least - burst - rate_per_ms);
  }
  return over;
}

std::int64_t most_in_a_utc_minute(const std::vector<std::int64_t>& times) {
  std::map<std::int64_t, std::int64_t> counts;
  for (const auto time : times) ++counts[time / kMinuteMs];
  std::int64_t most = 0;
  for (const auto& [minute, count] : counts) most = std::max(most, count);
  return most;
}

std::int64_t most_in_any_minute(const std::vector<std::int64_t>& times) {
  std::int64_t most = 0;
  for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
    while (times[last] - times[first] >= kMinuteMs) ++first;
    most = std::max(most, static_cast<std::int64_t>(last - first + 1));
  }
  return most;
}

std::vector<std::int64_t> received(Scene& scene) {
  std::vector<std::int64_t> times;
  for (const auto& seen : scene.stack.simulator().messages("kakao", "", 1'000'000))
    times.push_back(seen.received_at);
  std::ranges::sort(times);
  return times;
}

/// `silence`: for so many ms the simulator stood still at the longest. What came meanwhile it took at once.
void check(Report& report, const Limit& sizes, const std::vector<std::int64_t>& times, std::int64_t silence) {
  if (sizes.strategy == "token-bucket") {
    const double rate = static_cast<double>(sizes.per_minute) / kMinuteMs;
    const auto over = over_the_bucket(times, rate, std::max(1.0, sizes.per_minute / 60.0));
    report.tell("over_the_bucket", over);
    report.expect(over <= rate * static_cast<double>(silence), "more than the bucket allows");
    return;
  }
  const auto most =
      sizes.strategy == "fixed-window" ? most_in_a_utc_minute(times) : most_in_any_minute(times);
  report.tell("most_in_a_window", most);
  report.expect(most <= sizes.per_minute, "more in a window than the limit");
}

/// How much of a fixed window is used is counted by whole UTC minutes, beginning with the first whole one.
/// Else from the first call on: all that a window gives may have come before anybody looks.
std::int64_t begin_of_use(const Limit& sizes, std::int64_t first) {
  const bool whole_minutes = sizes.strategy == "fixed-window" && sizes.length >= 60s;
  return whole_minutes ? (first / kMinuteMs + 1) * kMinuteMs : first;
}

}  // namespace

Report limit(const Limit& sizes) {
  Report report{sizes.length > 0s ? "limit-use" : "limit"};
  report.tell("strategy", sizes.strategy);
  report.tell("per_minute", sizes.per_minute);
  Scene scene{{.connections = 50, .delay_ms = 5}};
  const std::string key = "MESSAGE_API_KAKAOTALK_RATE_LIMIT_";
  scene.stack.environment[key + "REQUESTS_PER_MINUTE"] = std::to_string(sizes.per_minute);
  scene.stack.environment[key + "STRATEGY"] = sizes.strategy;
  scene.stack.launch("kakao");
  scene.stack.start("kakao", "2");
  scene.stack.wait_ready("kakao");
  scene.until("both own partitions", [&] { return scene.owners() == 2; });
  scene.feed(sizes.requests);
  scene.progress(1);
  const auto begin = begin_of_use(sizes, received(scene).front());
  const auto end = begin + std::chrono::milliseconds{sizes.length}.count();
  std::int64_t silence = 0;
  auto answered_at = now_ms();
  scene.until(
      "all is sent",
      [&] {
        const auto taken = scene.taken();
        const auto now = now_ms();
        silence = std::max(silence, now - std::exchange(answered_at, now));
        return taken >= sizes.requests || (sizes.length > 0s && now >= end);
      },
      sizes.length + 60s + std::chrono::minutes{2 + sizes.requests / sizes.per_minute});
  const auto times = received(scene);
  check(report, sizes, times, silence);
  report.tell("longest_silence_ms", silence);
  report.tell("sent", std::ssize(times));
  for (const auto* replica : {"", "2"}) {
    const auto calls = scene.metric("bongsu_provider_calls_total", replica);
    report.tell(std::string{"sent_by_replica"} + (*replica == '\0' ? "" : "_2"), calls);
    // One may be faster and take a whole window; when all is sent, each had its partitions' part.
    report.expect(calls > 0 || sizes.length > 0s, "one replica sent nothing: nothing was shared");
  }
  if (sizes.length == 0s) {
    report.expect(std::ssize(times) == sizes.requests, "something was lost or sent twice");
    return report;
  }
  const auto used = std::ranges::count_if(times, [&](auto time) { return time >= begin && time < end; });
  const double allowed =
      sizes.per_minute * std::chrono::duration<double, std::ratio<60>>(sizes.length).count();
  report.tell("used", static_cast<double>(used) / allowed);
  report.expect(static_cast<double>(used) >= sizes.least_use * allowed, "too little of the limit was used");
  return report;
}

}  // namespace bongsu::scenarios
