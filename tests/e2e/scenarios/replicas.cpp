#include "scenarios.hpp"
#include "scene.hpp"

#include <algorithm>
#include <csignal>

namespace bongsu::scenarios {

Report rebalance(const Rebalance& sizes) {
  Report report{"rebalance"};
  Scene scene{{.connections = 20, .delay_ms = 50, .idempotent = false}};
  Committed committed{scene.stack};
  scene.feed(3'000);
  scene.stack.start("kakao");
  scene.until("the first replica owns all", [&] { return scene.owners() == 1; });
  auto sampled = std::chrono::steady_clock::now();
  scene.meanwhile = [&] {
    if (std::chrono::steady_clock::now() - sampled < std::chrono::milliseconds{100}) return;
    committed.sum();
    scene.keep_ahead(3'000);
    sampled = std::chrono::steady_clock::now();
  };
  int done = 0;
  for (; done < sizes.rebalances; done += 2) {
    scene.stack.start("kakao", "2");
    scene.until("both own partitions", [&] { return scene.owners() == 2; });
    scene.progress(100);
    const auto code = scene.stack.stop("kakao", "2");
    report.expect(code == 0, "the second replica ended with " + std::to_string(code));
    scene.until("the first replica owns all again", [&] { return scene.owners() == 1; });
    scene.progress(100);
  }
  scene.meanwhile = [&] { committed.sum(); };
  scene.finish(report);
  const auto doubled = std::ssize(scene.doubles());
  report.tell("rebalances", done);
  report.tell("committed_furthest_back", committed.furthest_back());
  report.expect(doubled == 0, "something was sent twice");
  report.expect(committed.furthest_back() <= 2'000, "commits moved back by more than was in flight");
  return report;
}

namespace {

/// When a replica was stopped and went on, in ms.
struct Stop {
  std::int64_t running_at = 0;  ///< it was seen at work after that
  std::int64_t stopped_at = 0;  ///< it was stopped before that
  std::int64_t continued_at = 0;
};

/// What was sent twice must have been on its way when the replica was stopped: it was received within the
/// provider's latency and the writing of an outcome before. And nothing that had been sent goes out after
/// the replica goes on.
void check_doubles(Report& report, Scene& scene, const Stop& stop) {
  constexpr std::int64_t kOnItsWayMs = 2'000;
  std::int64_t forbidden = 0;
  for (const auto& [key, times] : scene.doubles()) {
    const bool was_on_its_way =
        times.front() >= stop.running_at - kOnItsWayMs && times.front() <= stop.stopped_at + 500;
    if (!was_on_its_way || times.back() >= stop.continued_at || times.size() > 2) ++forbidden;
  }
  report.tell("forbidden", forbidden);
  report.expect(forbidden == 0, "something was sent twice that the lease rule forbids");
}

}  // namespace

Report freeze(const Freeze& sizes) {
  Report report{"freeze"};
  Scene scene{{.connections = 20, .delay_ms = 50, .idempotent = false}};
  scene.feed(3'000);
  scene.stack.start("kakao");
  scene.stack.start("kakao", "2");
  scene.meanwhile = [&] { scene.keep_ahead(3'000); };
  scene.until("both own partitions", [&] { return scene.owners() == 2; });
  Stop stop;
  const auto aim = scene.taken() + 200;
  scene.until("both send", [&] {
    stop.running_at = now_ms();
    return scene.taken() >= aim;
  });

  scene.stack.signal("kakao", SIGSTOP);
  stop.stopped_at = now_ms();
  scene.until("the other owns all", [&] { return scene.owners() == 1; });
  // What was on its way is looked at 3 s after the take, and sent again: when everything has ended, that has
  // too.
  scene.meanwhile = nullptr;
  scene.until(
      "the stop is over, and everything has ended",
      [&] {
        return now_ms() - stop.stopped_at >= std::chrono::milliseconds{sizes.stopped}.count() &&
               scene.ended() >= scene.fed();
      },
      sizes.stopped + std::chrono::seconds{180});
  scene.meanwhile = [&] { scene.keep_ahead(3'000); };
  scene.progress(100);
  stop.continued_at = now_ms();
  scene.stack.signal("kakao", SIGCONT);
  scene.until("both own partitions again", [&] { return scene.owners() == 2; });
  scene.progress(200);
  scene.meanwhile = nullptr;
  scene.finish(report);
  report.tell("stopped_seconds", static_cast<double>(stop.continued_at - stop.stopped_at) / 1000);
  check_doubles(report, scene, stop);
  return report;
}

Report term(const Term& sizes) {
  Report report{"term"};
  Scene scene{{.connections = 50, .delay_ms = 50, .idempotent = false}};
  Committed committed{scene.stack};
  double longest = 0;
  std::int64_t not_committed = 0;
  for (int round = 0; round < sizes.rounds; ++round) {
    scene.keep_ahead(3'000);
    scene.stack.start("kakao");
    scene.progress(300);
    const auto told = std::chrono::steady_clock::now();
    const auto code = scene.stack.stop("kakao");
    longest =
        std::max(longest, std::chrono::duration<double>(std::chrono::steady_clock::now() - told).count());
    report.expect(code == 0, "it ended with " + std::to_string(code));
    report.expect(scene.sent_without_outcome() == 0, "calls had no outcome in the ledger");
    not_committed += scene.taken() - committed.sum();
  }
  scene.stack.start("kakao");
  scene.finish(report);
  const auto doubled = std::ssize(scene.doubles());
  report.tell("rounds", sizes.rounds);
  report.tell("longest_exit_seconds", longest);
  report.tell("sent_and_not_committed", not_committed);
  report.expect(longest < 25, "SIGTERM took longer than 25 s");
  report.expect(not_committed == 0, "what was sent was not committed");
  report.expect(doubled == 0, "a successor sent something again");
  return report;
}

}  // namespace bongsu::scenarios
