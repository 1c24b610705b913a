#include "replay/pace.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;

constexpr Pace::Time kStart{1h};

TEST(PaceTest, OneGoesAtOnceAndTheNextWhenItsTimeHasCome) {
  Pace pace{2, kStart};
  EXPECT_EQ(pace.available(kStart), 1);
  pace.spend(1);
  EXPECT_EQ(pace.available(kStart + 499ms), 0);
  EXPECT_NEAR(static_cast<double>(pace.until(1, kStart + 499ms).count()), 1e6, 10);
  EXPECT_EQ(pace.available(kStart + 500ms), 1);
}

TEST(PaceTest, LessThanOneASecondGoesAsWell) {
  Pace pace{0.1, kStart};
  pace.spend(pace.available(kStart));
  EXPECT_EQ(pace.available(kStart + 9s), 0);
  EXPECT_EQ(pace.available(kStart + 10s), 1);
  EXPECT_EQ(pace.available(kStart + 1h), 1);
}

TEST(PaceTest, WhatNobodyTookGathersForAFifthOfASecond) {
  Pace pace{1000, kStart};
  EXPECT_EQ(pace.available(kStart + 1h), 200);
  EXPECT_EQ(pace.until(10'000, kStart + 1h), 0ns);
}

RC_GTEST_PROP(PaceTest, NeverMoreThanTheRateAndAFifthOfASecondsWorthInAnySpan, ()) {
  const double rate = *rc::gen::inRange(1, 20'000) / 10.0;
  Pace pace{rate, kStart};
  auto now = kStart;
  std::vector<std::pair<Pace::Time, std::int64_t>> sent;
  const auto steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    now += std::chrono::milliseconds{*rc::gen::inRange(0, 3'000)};
    const auto available = pace.available(now);
    RC_ASSERT(available >= 0);
    const auto some = available > 0 ? *rc::gen::inRange<std::int64_t>(0, available + 1) : 0;
    pace.spend(some);
    sent.emplace_back(now, some);
  }
  const double burst = std::max(1.0, rate * 0.2);
  for (std::size_t first = 0; first < sent.size(); ++first) {
    std::int64_t sum = 0;
    for (std::size_t last = first; last < sent.size(); ++last) {
      sum += sent[last].second;
      const auto span = std::chrono::duration<double>(sent[last].first - sent[first].first).count();
      RC_ASSERT(static_cast<double>(sum) <= burst + rate * span + 1e-6);
    }
  }
}

RC_GTEST_PROP(PaceTest, AfterTheWaitItNamesThereIsWhatWasAskedFor, ()) {
  const double rate = *rc::gen::inRange(1, 20'000) / 10.0;
  const auto wanted =
      *rc::gen::inRange<std::int64_t>(1, static_cast<std::int64_t>(std::max(1.0, rate * 0.2)) + 1);
  Pace pace{rate, kStart};
  pace.spend(pace.available(kStart));
  RC_ASSERT(pace.available(kStart + pace.until(wanted, kStart)) >= wanted);
}

}  // namespace
}  // namespace bongsu::deadletters
