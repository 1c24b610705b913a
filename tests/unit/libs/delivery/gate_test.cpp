#include "gate.hpp"

#include <gtest/gtest.h>

namespace bongsu::delivery {
namespace {

using namespace std::chrono_literals;

constexpr Gate::Moment kStart{};

TEST(Gate, CallsThatWereUnderWayWhenItWasShutDoNotMakeTheWaitLonger) {
  Gate gate;
  EXPECT_TRUE(gate.refused(kStart, false));
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(gate.refused(kStart + 10ms, false));
  EXPECT_FALSE(gate.lets_through(kStart + 999ms));
  EXPECT_TRUE(gate.lets_through(kStart + 1s));
}

TEST(Gate, LetsOneProbeThroughAfterOneTwoAndFourSecondsUpToAMinute) {
  Gate gate;
  gate.refused(kStart, false);
  auto now = kStart;
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    EXPECT_FALSE(gate.lets_through(now + pause - 1ms));
    now += pause;
    ASSERT_TRUE(gate.lets_through(now));
    gate.pass();
    EXPECT_FALSE(gate.lets_through(now)) << "a second one beside the probe";
    gate.refused(now, false);  // an old call
    EXPECT_FALSE(gate.lets_through(now + 1h)) << "the probe is still under way";
    gate.refused(now, true);
  }
}

TEST(Gate, OpensWithTheFirstSuccessAndBeginsAnewWithOneSecond) {
  Gate gate;
  gate.refused(kStart, false);
  gate.pass();
  gate.refused(kStart + 1s, true);
  gate.pass();
  EXPECT_TRUE(gate.succeeded());
  EXPECT_FALSE(gate.succeeded());
  EXPECT_TRUE(gate.lets_through(kStart + 3s));
  EXPECT_TRUE(gate.refused(kStart + 4s, false));
  EXPECT_TRUE(gate.lets_through(kStart + 5s));
}

}  // namespace
}  // namespace bongsu::delivery
