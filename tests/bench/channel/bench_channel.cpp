// P5, P6, P7, P12: how fast a channel delivers, against wrk on the same simulator in the same run.
// See tests/bench/README.md.
#include "measure/measure.hpp"
#include "requests.hpp"
#include "stage.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace bongsu::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kWrkTime{8};
constexpr std::chrono::seconds kLongest{180};

/// One way to load a channel.
struct Load {
  int requests;
  int in_flight;    ///< calls at once
  int connections;  ///< wrk's
  int delay_ms = 0;
  std::string faults = "[]";
  std::map<std::string, std::string> environment;
  int failing = 0;  ///< requests that fail each time: three results, and a dead letter
  /// Of the results, when the clock stops: who hangs at the very end is no load any more.
  double timed_share = 1;
};

struct Run {
  double per_second = 0;
  double processor_us = 0;
  double peak_mib = 0;
};

int rounds() { return number_of("BENCH_ROUNDS", 3); }

Stage make_stage(const Load& load) {
  auto environment = load.environment;
  environment["MESSAGE_API_KAKAOTALK_CONNECTIONS"] = std::to_string(load.in_flight);
  // Beside those that are called, those that are looked up, recorded and published; more only take memory.
  environment["DELIVERY_IN_FLIGHT_RECORDS"] = std::to_string(std::min(4'000, 4 * load.in_flight));
  return Stage{std::move(environment)};
}

/// Waits until `topic` holds `count` records; the time at which it was seen.
Clock::time_point await_records(const Stage& stage, const std::string& topic, std::int64_t count) {
  const auto deadline = Clock::now() + kLongest;
  for (;;) {
    const auto now = Clock::now();
    if (written_to(stage.kafka().brokers(), topic) >= count) return now;
    if (now > deadline) throw std::runtime_error(fmt::format("{} did not come to {} records", topic, count));
    std::this_thread::sleep_for(20ms);
  }
}

/// The requests wait on the topic before the service starts; timed is from its first result to the last of
/// those that count. All must come.
Run run_once(Stage& stage, const Load& load) {
  const auto results = stage.topic("delivery.result");
  const auto before = written_to(stage.kafka().brokers(), results);
  const auto dead_before = written_to(stage.kafka().brokers(), stage.topic("kakao.dlq"));
  write_requests(stage.kafka().producer(), stage.topic("kakao.request"), load.requests);
  stage.start_service();
  const auto began = await_records(stage, results, before + 1);
  const auto head = written_to(stage.kafka().brokers(), results) - before;
  const auto all = load.requests + 2 * load.failing;
  const auto timed = static_cast<std::int64_t>(all * load.timed_share);
  const std::chrono::duration<double> took = await_records(stage, results, before + timed) - began;
  await_records(stage, results, before + all);
  const auto used = stage.stop_service();
  const auto dead = written_to(stage.kafka().brokers(), stage.topic("kakao.dlq")) - dead_before;
  if (dead != load.failing)
    throw std::runtime_error(fmt::format("{} requests should have died, {} did", load.failing, dead));
  return {.per_second = (load.requests * load.timed_share - static_cast<double>(head)) / took.count(),
          .processor_us = used.seconds * 1e6 / load.requests,
          .peak_mib = used.peak_mib};
}

void say(const std::string& id, double value, double limit, const std::string& detail) {
  print({.id = id, .value = value, .unit = "notifications/s", .limit = limit, .detail = detail});
}

struct Measured {
  double value = 0;
  double wrk = 0;
  std::string detail;
};

Measured measure(const Load& load) {
  auto stage = make_stage(load);
  stage.simulator().settings(fmt::format(R"({{"delayMs":{}}})", load.delay_ms));
  std::vector<double> ours;
  std::vector<double> limit;
  Run last;
  for (int round = 0; round < rounds(); ++round) {
    if (load.connections > 0) limit.push_back(stage.wrk(load.connections, kWrkTime));
    stage.simulator().put_faults(load.faults);
    last = run_once(stage, load);
    stage.simulator().clear_faults();
    stage.simulator().forget_messages();
    ours.push_back(last.per_second);
  }
  const auto wrk = limit.empty() ? 0 : median(limit);
  return {.value = median(ours),
          .wrk = wrk,
          .detail = fmt::format(
              R"("rounds":[{:.0f}],"wrk_rounds":[{:.0f}],"processor_us":{:.1f},"peak_mib":{:.1f})",
              fmt::join(ours, ","), fmt::join(limit, ","), last.processor_us, last.peak_mib)};
}

const int kRequests = number_of("BENCH_REQUESTS", 200'000);
/// Where some take seconds: so many that their last ones hardly count.
const int kManyRequests = 3 * kRequests;
const Load kFast{.requests = kRequests, .in_flight = 200, .connections = 64, .environment = {}};
const Load kSlow{
    .requests = kRequests, .in_flight = 2000, .connections = 2000, .delay_ms = 50, .environment = {}};

void p5() {
  const auto measured = measure(kFast);
  say("P5", measured.value, measured.wrk, measured.detail);
}

void p6() {
  const auto measured = measure(kSlow);
  say("P6", measured.value, measured.wrk, measured.detail);
}

/// One call in a hundred takes 4 s.
void p7() {
  auto plain = kSlow;
  plain.connections = 0;
  auto some_hang = plain;
  some_hang.requests = kManyRequests;
  some_hang.timed_share = 0.99;
  some_hang.faults = R"([{"channel":"kakao","delayMs":4000,"probability":0.01}])";
  const auto p6 = measure(plain);
  const auto measured = measure(some_hang);
  const double ideal = kSlow.in_flight / (0.99 * 0.050 + 0.01 * 4.0);
  say("P7", measured.value, std::min(p6.value, ideal),
      fmt::format(R"({},"p6":{:.0f},"in_flight_by_latency":{:.0f})", measured.detail, p6.value, ideal));
}

/// One recipient in five gets 500, each time: three attempts, then the dead letter.
void p12() {
  auto load = kFast;
  load.requests = kManyRequests;
  load.environment = {{"DELIVERY_RETRY_DELAYS", "1s,2s"},
                      {"MESSAGE_RETRY_MAX_ATTEMPTS", "1"},
                      {"DELIVERY_BREAKER_CALLS", "1000"}};
  std::string faults;
  for (int number = 0; number < kRecipients; ++number) {
    if (number % 5 != 0) continue;
    load.failing += load.requests / kRecipients;
    faults += fmt::format(R"({}{{"channel":"kakao","recipient":"{}","status":500}})",
                          faults.empty() ? "" : ",", recipient(number));
  }
  load.faults = "[" + faults + "]";
  auto plain = kFast;
  plain.connections = 0;
  const auto p5 = measure(plain);
  load.connections = 0;
  const auto measured = measure(load);
  say("P12", measured.value, p5.value, measured.detail);
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) {
  using namespace bongsu::bench;
  return run(argc, argv, {{"P5", p5}, {"P6", p6}, {"P7", p7}, {"P12", p12}});
}
