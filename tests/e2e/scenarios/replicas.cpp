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

/// What was sent twice must have been on its way when the replica was stopped: it was received within the
/// provider's latency and the writing of an outcome before. And nothing that had been sent goes out after
/// the replica goes on.
void check_doubles(Report& report, Scene& scene, std::int64_t stopped_at, std::int64_t continued_at) {
  constexpr std::int64_t kOnItsWayMs = 2'000;
  std::int64_t forbidden = 0;
  for (const auto& [key, times] : scene.doubles()) {
    const bool was_on_its_way =
        times.front() >= stopped_at - kOnItsWayMs && times.front() <= stopped_at + 500;
    if (!was_on_its_way || times.back() >= continued_at || times.size() > 2) ++forbidden;
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
  scene.progress(200);

  const auto stopped_at = now_ms();
  scene.stack.signal("kakao", SIGSTOP);
  scene.until("the other owns all", [&] { return scene.owners() == 1; });
  // What was on its way is looked at 3 s after the take, and sent again: all of it before the other goes on.
  const auto taken_at = now_ms();
  scene.until(
      "the stop is over, and what was on its way has been sent again",
      [&] {
        return now_ms() - stopped_at >= std::chrono::milliseconds{sizes.stopped}.count() &&
               now_ms() - taken_at >= 4'000 &&
               scene.stack.count("SELECT count(*) FROM kakao.ledger WHERE outcome = 0") == 0;
      },
      sizes.stopped + std::chrono::seconds{60});
  scene.progress(100);
  const auto continued_at = now_ms();
  scene.stack.signal("kakao", SIGCONT);
  scene.until("both own partitions again", [&] { return scene.owners() == 2; });
  scene.progress(200);
  scene.meanwhile = nullptr;
  scene.finish(report);
  report.tell("stopped_seconds", static_cast<double>(continued_at - stopped_at) / 1000);
  check_doubles(report, scene, stopped_at, continued_at);
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
