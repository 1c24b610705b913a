#include "scenarios.hpp"
#include "scene.hpp"
#include "support/run.hpp"

#include <bongsu/kafka/admin.hpp>

#include <algorithm>
#include <csignal>
#include <exception>
#include <set>
#include <thread>

namespace bongsu::scenarios {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Metadata shows a leader for each of our partitions.
bool kafka_has_leaders(const support::Stack& stack) {
  asio::io_context io;
  auto admin = kafka::Admin::open(io.get_executor(), stack.kafka.cluster());
  if (!admin) return false;
  const auto state = support::run(io, admin->cluster(1s));
  return state && state->brokers > 0 && std::ranges::none_of(state->leaderless, [&](const auto& topic) {
           return topic.first.starts_with(stack.kafka.prefix()) && topic.second > 0;
         });
}

bool postgres_answers(support::Stack& stack) {
  try {
    return stack.count("SELECT 1") == 1;
  } catch (const std::exception&) {
    return false;  // that is the question
  }
}

/// The parts that an outage takes away, and how each is seen to be back.
class Absence {
 public:
  Absence(Scene& scene, std::set<std::string> parts) : scene_(scene), parts_(std::move(parts)) {
    // The provider first: the others take seconds to stop, and what waits must not be through by then.
    if (parts_.contains("provider")) scene_.stack.simulator().signal(SIGSTOP);
    for (const auto& part : parts_)
      if (part != "provider") support::infra(part, "stop");
  }
  /// Brings all of them back at once, and returns when each of them answers.
  void end() {
    std::vector<std::jthread> starting;
    std::exception_ptr trouble;
    for (const auto& part : parts_) {
      if (part == "provider") {
        scene_.stack.simulator().signal(SIGCONT);
        continue;
      }
      starting.emplace_back([&trouble, part] {
        try {
          support::infra(part, "start");
        } catch (const std::exception&) {
          trouble = std::current_exception();
        }
      });
    }
    scene_.until("all of it answers", [&] {
      const auto& stack = scene_.stack;
      return (!parts_.contains("kafka") || kafka_has_leaders(stack)) &&
             (!parts_.contains("postgres") || postgres_answers(scene_.stack)) &&
             (!parts_.contains("provider") || scene_.stack.simulator().stats("kakao").requests > 0);
    });
    back_ = Clock::now();
    starting.clear();
    if (trouble) std::rethrow_exception(trouble);
  }
  Clock::time_point back() const { return back_; }

 private:
  Scene& scene_;
  std::set<std::string> parts_;
  Clock::time_point back_;
};

/// Seconds from recovery to the first call that is answered well.
double first_send_after(Scene& scene, const std::set<std::string>& parts, std::chrono::seconds away) {
  const std::string ok = R"(bongsu_provider_calls_total{outcome="ok"})";
  Absence absence{scene, parts};
  const auto until = Clock::now() + away;
  scene.until("the outage is over", [&] { return Clock::now() >= until; }, away + 10s);
  absence.end();
  const auto before = scene.metric(ok);
  scene.keep_ahead(1);  // where all was through before the outage
  scene.until("it sends again", [&] { return scene.metric(ok) > before; });
  return std::chrono::duration<double>(Clock::now() - absence.back()).count();
}

}  // namespace

Report outage(const Outage& sizes) {
  Report report{"outage"};
  Scene scene{{.connections = sizes.connections, .delay_ms = 50}};
  scene.stack.start("kakao");
  const std::vector<std::pair<std::string, std::set<std::string>>> outages{
      {"kafka", {"kafka"}},
      {"postgres", {"postgres"}},
      {"provider", {"provider"}},
      {"together", {"kafka", "postgres", "provider"}}};
  for (const auto& [name, parts] : outages) {
    if (!sizes.in_turn && name != "together") continue;
    scene.keep_ahead(sizes.backlog);
    scene.progress(100);
    const auto seconds = first_send_after(scene, parts, sizes.away);
    report.tell("first_send_after_" + name, seconds);
    report.expect(seconds <= static_cast<double>(sizes.first_send.count()),
                  "the first send came too late after " + name + " was back");
    scene.progress(100);
  }
  scene.finish(report);
  return report;
}

}  // namespace bongsu::scenarios
