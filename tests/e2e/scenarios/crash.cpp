#include "scenarios.hpp"
#include "scene.hpp"

#include <algorithm>
#include <random>

namespace bongsu::scenarios {

Report crash(const Crash& sizes) {
  Report report{sizes.idempotent ? "crash" : "crash-plain"};
  report.tell("seed", sizes.seed);
  report.tell("kills", sizes.kills);
  Scene scene{{.connections = 50, .delay_ms = 20, .idempotent = sizes.idempotent}};
  scene.feed(sizes.requests);
  std::mt19937_64 random{sizes.seed};
  std::uniform_int_distribution<std::int64_t> anywhere{1, sizes.requests * 9 / 10};
  std::vector<std::int64_t> moments(static_cast<std::size_t>(sizes.kills));
  for (auto& moment : moments) moment = anywhere(random);
  std::ranges::sort(moments);

  scene.stack.start("kakao");
  std::int64_t open_at_kills = 0;
  for (const auto moment : moments) {
    // Whoever stood still for a moment finds that all are through: there is always something to be killed
    // over.
    scene.keep_ahead(sizes.requests / 10);
    // At least one request after the last kill: a process that does nothing yet is no test.
    const auto aim = std::min(std::max(moment, scene.taken() + 1), scene.fed());
    scene.until("request " + std::to_string(aim) + " is sent", [&] { return scene.taken() >= aim; });
    scene.stack.kill("kakao");
    open_at_kills += scene.sent_without_outcome();
    scene.stack.launch("kakao");
  }
  scene.finish(report);
  std::int64_t doubled = 0;
  for (const auto& [key, times] : scene.doubles()) doubled += std::ssize(times) - 1;
  report.tell("doubles", doubled);
  report.tell("in_flight_at_kills", open_at_kills);
  report.expect(doubled <= open_at_kills, "more went out twice than was in flight at the kills");
  return report;
}

}  // namespace bongsu::scenarios
