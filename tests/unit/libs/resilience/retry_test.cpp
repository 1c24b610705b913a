#include <bongsu/resilience/retry.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::resilience {
namespace {

using namespace std::chrono_literals;

TEST(Retry, WaitsOneSecondThenTwoThenGivesUp) {
  SeededRandom dice{1};
  EXPECT_EQ(delay_before_next({}, 1, {}, dice), 1000ms);
  EXPECT_EQ(delay_before_next({}, 2, {}, dice), 2000ms);
  EXPECT_EQ(delay_before_next({}, 3, {}, dice), std::nullopt);
}

TEST(Retry, RetryAfterReplacesAShorterDelay) {
  SeededRandom dice{1};
  EXPECT_EQ(delay_before_next({}, 1, 10s, dice), 10s);
  EXPECT_EQ(delay_before_next({}, 1, 10ms, dice), 1000ms);
}

TEST(Retry, AProviderThatAsksForTooMuchPatienceEndsTheAttempt) {
  SeededRandom dice{1};
  EXPECT_EQ(delay_before_next({}, 1, 31s, dice), std::nullopt);
}

TEST(Retry, NeverWaitsLongerThanThePolicySays) {
  EXPECT_TRUE(rc::check("delays stay within the policy", [] {
    const RetryPolicy policy{.max_tries = *rc::gen::inRange(1, 10),
                             .first_delay = std::chrono::milliseconds{*rc::gen::inRange(0, 100'000)},
                             .multiplier = *rc::gen::inRange(10, 50) / 10.0,
                             .jitter = *rc::gen::inRange(0, 11) / 10.0};
    SeededRandom dice{*rc::gen::arbitrary<std::uint64_t>()};
    const int tries = *rc::gen::inRange(1, 12);
    const auto delay = delay_before_next(policy, tries, {}, dice);
    RC_ASSERT(delay.has_value() == (tries < policy.max_tries));
    if (delay) RC_ASSERT(*delay >= 0ms && *delay <= policy.longest_delay);
  }));
}

}  // namespace
}  // namespace bongsu::resilience
