#include <bongsu/core/random.hpp>
#include <bongsu/resilience/breaker.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::resilience {
namespace {

using namespace std::chrono_literals;
using Change = Breaker::Change;

Breaker::Time at(std::chrono::milliseconds time) { return Breaker::Time{time}; }

Change call(Breaker& breaker, std::chrono::milliseconds now, Ended how) {
  const auto permit = breaker.try_pass(at(now));
  EXPECT_TRUE(permit);
  return breaker.ended(at(now), *permit, how);
}

void open(Breaker& breaker, std::chrono::milliseconds now) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(call(breaker, now, Ended::kFailed), Change::kNone);
  EXPECT_EQ(call(breaker, now, Ended::kFailed), Change::kOpened);
}

TEST(Breaker, OpensWhenTheLastFiveFailedAndLetsOneASecondTry) {
  Breaker breaker;
  open(breaker, 100ms);
  EXPECT_TRUE(breaker.is_open());
  EXPECT_EQ(breaker.since(), at(100ms));
  EXPECT_FALSE(breaker.try_pass(at(1'099ms)));
  EXPECT_TRUE(breaker.try_pass(at(1'100ms))->probe);
  EXPECT_FALSE(breaker.try_pass(at(2'000ms)));
  EXPECT_TRUE(breaker.try_pass(at(2'100ms))) << "although the former probe hangs";
}

TEST(Breaker, AProbesSuccessClosesItAndItsFailureDoesNot) {
  Breaker breaker;
  open(breaker, 0ms);
  EXPECT_EQ(call(breaker, 1s, Ended::kFailed), Change::kNone);
  EXPECT_EQ(call(breaker, 2s, Ended::kOk), Change::kClosed);
  EXPECT_FALSE(breaker.is_open());
  EXPECT_FALSE(breaker.try_pass(at(2s))->probe);
}

TEST(Breaker, WhatEndsNeutralIsNotCounted) {
  Breaker breaker;
  for (int i = 0; i < 4; ++i) call(breaker, 0ms, Ended::kFailed);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(call(breaker, 0ms, Ended::kNeutral), Change::kNone);
  EXPECT_EQ(call(breaker, 0ms, Ended::kFailed), Change::kOpened);
  EXPECT_EQ(call(breaker, 1s, Ended::kNeutral), Change::kNone);
  EXPECT_TRUE(breaker.try_pass(at(1s))) << "the probe was answered: the next may go at once";
}

TEST(Breaker, StaysShutWhileMostCallsOfTheLastSecondSucceed) {
  Breaker breaker;
  for (int i = 0; i < 10; ++i) call(breaker, 0ms, Ended::kOk);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(call(breaker, 999ms, Ended::kFailed), Change::kNone);
  EXPECT_EQ(call(breaker, 1s, Ended::kFailed), Change::kOpened);
}

TEST(Breaker, CallsOfBeforeTheRecoveryDoNotOpenItAgain) {
  Breaker breaker;
  std::vector<Breaker::Permit> hanging;
  hanging.reserve(100);
  for (int i = 0; i < 100; ++i) hanging.push_back(*breaker.try_pass(at(0ms)));
  open(breaker, 100ms);
  EXPECT_EQ(call(breaker, 1'100ms, Ended::kOk), Change::kClosed);
  for (const auto& permit : hanging) EXPECT_EQ(breaker.ended(at(5s), permit, Ended::kFailed), Change::kNone);
  EXPECT_FALSE(breaker.is_open());
}

/// The rules said as plainly as can be, over the whole history.
struct NaiveBreaker {
  struct Call {
    std::chrono::milliseconds at;
    bool failed;
  };
  BreakerPolicy policy;
  std::vector<Call> calls;  ///< counted since the last change
  bool open = false;
  std::uint64_t period = 0;
  std::chrono::milliseconds next_probe{0};

  bool passes(std::chrono::milliseconds now) {
    if (!open) return true;
    if (now < next_probe) return false;
    next_probe = now + policy.probe_interval;
    return true;
  }
  void turn(std::chrono::milliseconds now, bool to) {
    open = to;
    ++period;
    calls.clear();
    next_probe = now + policy.probe_interval;
  }
  void ended(std::chrono::milliseconds now, std::uint64_t began_in, Ended how) {
    if (began_in != period) return;
    if (open) {
      if (how == Ended::kOk) turn(now, false);
      if (how == Ended::kNeutral) next_probe = std::min(next_probe, now);
      return;
    }
    if (how == Ended::kNeutral) return;
    calls.push_back({now, how == Ended::kFailed});
    if (calls.size() < policy.run) return;
    const bool run = std::all_of(calls.end() - static_cast<std::ptrdiff_t>(policy.run), calls.end(),
                                 [](const Call& c) { return c.failed; });
    double all = 0;
    double failed = 0;
    for (const auto& c : calls) {
      if (now - c.at >= policy.span) continue;
      ++all;
      failed += c.failed ? 1 : 0;
    }
    if (run && failed >= policy.share * all) turn(now, true);
  }
};

TEST(Breaker, BehavesAsTheRulesSaidPlainly) {
  EXPECT_TRUE(rc::check("breaker and model agree", [] {
    const auto first = *rc::gen::arbitrary<std::uint64_t>();
    for (std::uint64_t seed = first; seed < first + 20; ++seed) {
      SeededRandom dice{seed};
      const BreakerPolicy policy{.run = 1 + dice.below(6),
                                 .share = 0.25 * static_cast<double>(dice.below(5))};
      Breaker breaker{policy};
      NaiveBreaker naive{.policy = policy};
      std::vector<std::pair<Breaker::Permit, std::uint64_t>> under_way;
      std::chrono::milliseconds now{0};
      const auto health = 1 + dice.below(10);
      for (int step = 0; step < 400; ++step) {
        now += std::chrono::milliseconds{dice.below(dice.below(10) == 0 ? 3'000 : 100)};
        if (dice.below(2) == 0 || under_way.empty()) {
          const auto permit = breaker.try_pass(at(now));
          RC_ASSERT(permit.has_value() == naive.passes(now));
          if (permit) RC_ASSERT(permit->probe == naive.open);
          if (permit) under_way.emplace_back(*permit, naive.period);
          continue;
        }
        const auto which = under_way.begin() + static_cast<std::ptrdiff_t>(dice.below(under_way.size()));
        const auto how = dice.below(health) == 0 ? Ended::kFailed
                         : dice.below(4) == 0    ? Ended::kNeutral
                                                 : Ended::kOk;
        const bool was_open = naive.open;
        const auto change = breaker.ended(at(now), which->first, how);
        naive.ended(now, which->second, how);
        under_way.erase(which);
        RC_ASSERT(breaker.is_open() == naive.open);
        RC_ASSERT((change != Change::kNone) == (was_open != naive.open));
      }
    }
  }));
}

}  // namespace
}  // namespace bongsu::resilience
