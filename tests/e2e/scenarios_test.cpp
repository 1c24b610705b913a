#include "scenarios/scenarios.hpp"

#include <gtest/gtest.h>

// The scenarios of tests/e2e/soak, as small as they still tell something. Bounds of time are wide here: what
// is judged is that nothing waits for what it need not wait for, on a machine that is busy with other things.
namespace bongsu::scenarios {
namespace {

using namespace std::chrono_literals;

TEST(Scenario, KillsLoseNothingAndDoubleAtMostWhatWasInFlightAndEachIsMarked) {
  const auto report = crash({.requests = 1'500, .kills = 2, .idempotent = false, .seed = 2});
  EXPECT_TRUE(report.ok()) << report.json();
}

TEST(Scenario, AReplicaThatJoinsAndLeavesUnderLoadSendsNothingTwice) {
  const auto report = rebalance({.rebalances = 2});
  EXPECT_TRUE(report.ok()) << report.json();
}

TEST(Scenario, AReplicaThatWasStoppedSendsNothingThatTheLeaseForbids) {
  const auto report = freeze({.stopped = 10s});
  EXPECT_TRUE(report.ok()) << report.json();
}

TEST(Scenario, KafkaPostgresAndTheProviderAwayTogetherComeBackAndItGoesOnByItself) {
  const auto report = outage({.away = 3s, .backlog = 1'500, .in_turn = false, .first_send = 40s});
  EXPECT_TRUE(report.ok()) << report.json();
}

TEST(Scenario, ATermUnderLoadEndsWhatIsInFlightAndTheSuccessorSendsNothingAgain) {
  const auto report = term({.rounds = 2});
  EXPECT_TRUE(report.ok()) << report.json();
}

TEST(Scenario, PoisonedRecordsHoldUpNobody) {
  // A neighbour that waited for a poisoned record would wait for its three tries: 9 s.
  const auto report = poison({.length = 4s, .backoff = 3'000ms, .longest_delay = 8'000ms});
  EXPECT_TRUE(report.ok()) << report.json();
}

TEST(Scenario, TwoReplicasTogetherStayWithinTheBucket) {
  const auto report = limit({.strategy = "token-bucket", .per_minute = 600, .requests = 60});
  EXPECT_TRUE(report.ok()) << report.json();
}

/// More is asked for than two windows give: whichever side of a minute it begins on, the limit is what ends
/// it.
TEST(Scenario, TwoReplicasTogetherStayWithinAFixedWindowByTheProvidersClock) {
  // How much of the minute is used is judged at full size alone: here it may be used up at once.
  const auto report =
      limit({.strategy = "fixed-window", .per_minute = 300, .requests = 700, .length = 5s, .least_use = 0});
  EXPECT_TRUE(report.ok()) << report.json();
}

TEST(Scenario, TwoReplicasTogetherStayWithinASlidingMinute) {
  const auto report = limit({.strategy = "sliding-window", .per_minute = 30, .requests = 60, .length = 5s});
  EXPECT_TRUE(report.ok()) << report.json();
}

}  // namespace
}  // namespace bongsu::scenarios
