#include <bongsu/core/random.hpp>
#include <bongsu/resilience/limiter.hpp>

#include <algorithm>
#include <array>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::resilience {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const Timestamp kStart{milliseconds{1'800'000'000'000}};  // at a whole minute

/// When the provider read the requests that the tokens were for.
struct Provider {
  std::vector<Timestamp> seen;
  std::vector<Timestamp> bulk;

  /// The most by which any stretch of time exceeds `per_ms` × its length: what the burst must cover.
  static double burst_needed(std::vector<Timestamp> times, double per_ms) {
    std::ranges::sort(times);
    double needed = 0;
    double least = 1e300;
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double due = static_cast<double>((times[i] - kStart).count()) * per_ms;
      least = std::min(least, static_cast<double>(i) - due);
      needed = std::max(needed, static_cast<double>(i) + 1 - due - least);
    }
    return needed;
  }
  /// The most in any 60 s, both ends included.
  static std::size_t most_in_a_minute(std::vector<Timestamp> times) {
    std::ranges::sort(times);
    std::size_t most = 0;
    for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
      while (times[last] - times[first] > 60s) ++first;
      most = std::max(most, last - first + 1);
    }
    return most;
  }
  static std::size_t most_in_a_utc_minute(const std::vector<Timestamp>& times, milliseconds clock_ahead) {
    std::map<Timestamp, std::size_t> minutes;
    std::size_t most = 0;
    for (const auto time : times)
      most = std::max(most, ++minutes[std::chrono::floor<std::chrono::minutes>(time + clock_ahead)]);
    return most;
  }
};

/// One random history: askers that want, use, leave unused and hand back as the dice say, each token read by
/// the provider as early, as late, or anywhere in between.
Provider live_through(const LimitPolicy& policy, std::uint64_t seed, bool hand_back_allowed) {
  SeededRandom dice{seed};
  const auto steps = 50 + dice.below(250);
  const auto eagerness = dice.below(4);  // 3: always more than there is
  const auto manner = dice.below(4);     // 0: early, 1: late, 2: one of the two, 3: anywhere
  const auto idle = dice.below(3) == 0;
  LimitState state;
  Provider provider;
  Timestamp now = kStart + milliseconds{dice.below(120'000)};
  const auto arrival = [&](const TokensGranted& granted) {
    const auto most = static_cast<std::uint64_t>((granted.valid_for + policy.transit).count());
    const auto way = manner < 2 ? manner : dice.below(2);
    return now + milliseconds{manner == 3 ? dice.below(most + 1) : way * most};
  };
  for (std::uint64_t step = 0; step < steps; ++step) {
    const auto most = eagerness == 3 ? 2'000 : 1 + dice.below(20);
    const TokensWanted wanted{.transactional = static_cast<std::uint32_t>(dice.below(most)),
                              .bulk = static_cast<std::uint32_t>(dice.below(most))};
    const auto granted = grant(policy, state, now, wanted);
    RC_ASSERT(granted.transactional <= wanted.transactional && granted.bulk <= wanted.bulk);
    RC_ASSERT((granted.ask_again == 0ms) ==
              (granted.transactional == wanted.transactional && granted.bulk == wanted.bulk));
    TokensWanted unused;
    for (std::uint32_t i = 0; i < granted.transactional + granted.bulk; ++i) {
      const bool bulk = i >= granted.transactional;
      if (hand_back_allowed && dice.below(5) == 0) {
        ++(bulk ? unused.bulk : unused.transactional);
        continue;
      }
      provider.seen.push_back(arrival(granted));
      if (bulk) provider.bulk.push_back(provider.seen.back());
    }
    if (dice.below(2) == 0) hand_back(state, granted.at, unused);
    const auto pace = dice.below(3);
    if (pace == 0) now += granted.ask_again;
    if (pace == 1) now += milliseconds{dice.below(100)};
    if (pace == 2) now += milliseconds{dice.below(idle ? 10'000 : 1'000)};
    RC_ASSERT(state.cells.size() <= 320U);
  }
  return provider;
}

LimitPolicy any_policy(LimitStrategy strategy) {
  return {.strategy = strategy,
          .per_minute = *rc::gen::element(1U, 7U, 60U, 61U, 75U, 100U, 500U, 3'000U, 60'000U),
          .burst = *rc::gen::element(0.0, 0.0, 1.0, 1.3, 2.0, 5.5, 1'000.0),
          .reserve = *rc::gen::element(0.0, 0.0, 0.2, 0.5, 0.9),
          .slice = milliseconds{*rc::gen::inRange(50, 500)},
          .transit = milliseconds{*rc::gen::inRange(0, 500)},
          .guard = milliseconds{*rc::gen::inRange(0, 500)}};
}

/// Checks `holds` for some thousands of histories.
template <class Holds>
bool in_every_history(const char* promise, LimitStrategy strategy, Holds holds) {
  return rc::check(promise, [&] {
    const auto policy = any_policy(strategy);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    for (std::uint64_t i = 0; i < 20; ++i) holds(policy, live_through(policy, seed + i, true));
  });
}

TEST(Limiter, ABucketLetsThroughAtMostBurstAndRateTimesTInAnyT) {
  EXPECT_TRUE(in_every_history("at most burst + rate t", LimitStrategy::kTokenBucket,
                               [](const auto& policy, const Provider& provider) {
                                 const double per_ms = policy.per_minute / 60'000.0;
                                 const double burst =
                                     std::max(1.0, policy.burst > 0 ? policy.burst : per_ms * 1000);
                                 RC_ASSERT(Provider::burst_needed(provider.seen, per_ms) <= burst + 1e-3);
                               }));
}

TEST(Limiter, ABucketsReserveIsNeverTakenByBulk) {
  EXPECT_TRUE(in_every_history(
      "bulk keeps to its own bucket", LimitStrategy::kTokenBucket,
      [](const auto& policy, const Provider& provider) {
        const double per_ms = policy.per_minute / 60'000.0 * (1 - policy.reserve);
        const double burst = std::max(1.0, policy.burst > 0 ? policy.burst : policy.per_minute / 60.0);
        const double late = per_ms * static_cast<double>((policy.slice + policy.transit).count());
        RC_ASSERT(Provider::burst_needed(provider.bulk, per_ms) <=
                  std::max(1.0, burst * (1 - policy.reserve)) + late + 1e-3);
      }));
}

TEST(Limiter, AFixedWindowHoldsOnAProviderWhoseClockIsOffByTheGuard) {
  EXPECT_TRUE(in_every_history(
      "at most the limit in each UTC minute", LimitStrategy::kFixedWindow,
      [](const auto& policy, const Provider& provider) {
        const auto bulk =
            std::max(1U, static_cast<std::uint32_t>(policy.per_minute * (1 - policy.reserve) + 1e-6));
        for (const auto ahead : {-policy.guard, 0ms, policy.guard}) {
          RC_ASSERT(Provider::most_in_a_utc_minute(provider.seen, ahead) <= policy.per_minute);
          RC_ASSERT(Provider::most_in_a_utc_minute(provider.bulk, ahead) <= bulk);
        }
        for (const auto time : provider.seen) {
          const auto in_minute = time - std::chrono::floor<std::chrono::minutes>(time);
          RC_ASSERT(in_minute >= policy.guard && in_minute <= 60s - policy.guard);
        }
      }));
}

TEST(Limiter, ASlidingWindowLetsThroughAtMostTheLimitInAny60Seconds) {
  EXPECT_TRUE(in_every_history(
      "at most the limit in any 60 s", LimitStrategy::kSlidingWindow,
      [](const auto& policy, const Provider& provider) {
        const auto bulk =
            std::max(1U, static_cast<std::uint32_t>(policy.per_minute * (1 - policy.reserve) + 1e-6));
        RC_ASSERT(Provider::most_in_a_minute(provider.seen) <= policy.per_minute);
        RC_ASSERT(Provider::most_in_a_minute(provider.bulk) <= bulk);
      }));
}

/// How many of two replicas' endless requests get through in five minutes; each asks when it was told to,
/// up to 60 ms late, and its tokens are used when the dice say.
std::size_t used_in_five_minutes(const LimitPolicy& policy, bool transactional, std::uint64_t seed) {
  SeededRandom dice{seed};
  LimitState state;
  std::array<Timestamp, 2> asks{kStart, kStart + milliseconds{dice.below(1'000)}};
  std::size_t used = 0;
  for (;;) {
    const auto asker = asks[0] <= asks[1] ? 0U : 1U;
    const auto now = asks[asker];
    if (now >= kStart + 5min) return used;
    const auto granted =
        grant(policy, state, now, transactional ? TokensWanted{1'000, 0} : TokensWanted{0, 1'000});
    used += granted.transactional + granted.bulk;
    asks[asker] = now + std::max(granted.ask_again, 1ms) + milliseconds{dice.below(60)};
  }
}

TEST(Limiter, UsesAtLeast97PercentOfWhatIsAllowed) {
  EXPECT_TRUE(rc::check("little is wasted", [] {
    const LimitPolicy policy{
        .strategy = *rc::gen::element(LimitStrategy::kTokenBucket, LimitStrategy::kFixedWindow,
                                      LimitStrategy::kSlidingWindow),
        .per_minute = *rc::gen::element(100U, 500U, 60'000U)};
    const bool transactional = *rc::gen::arbitrary<bool>();
    const auto used = used_in_five_minutes(policy, transactional, *rc::gen::arbitrary<std::uint64_t>());
    RC_ASSERT(static_cast<double>(used) >= 0.97 * 5 * policy.per_minute);
  }));
}

TEST(Limiter, TransactionalMayTakeAllAndBulkOnlyWhatIsNotReserved) {
  for (const auto strategy :
       {LimitStrategy::kTokenBucket, LimitStrategy::kFixedWindow, LimitStrategy::kSlidingWindow}) {
    const LimitPolicy policy{.strategy = strategy, .per_minute = 500, .reserve = 0.4};
    EXPECT_GE(used_in_five_minutes(policy, true, 1), 2'425U);
    EXPECT_GE(used_in_five_minutes(policy, false, 1), 1'455U);
    EXPECT_LE(used_in_five_minutes(policy, false, 1), 1'505U);
  }
}

TEST(Limiter, ABulkAskerThatTookItsShareLeavesTheReserve) {
  const LimitPolicy policy{.strategy = LimitStrategy::kSlidingWindow, .per_minute = 100, .reserve = 0.25};
  LimitState state;
  EXPECT_EQ(grant(policy, state, kStart, {.bulk = 1'000}).bulk, 75U);
  const auto both = grant(policy, state, kStart + 1s, {.transactional = 20, .bulk = 20});
  EXPECT_EQ(both.transactional, 20U);
  EXPECT_EQ(both.bulk, 0U);
  EXPECT_GT(both.ask_again, 58s);
}

TEST(Limiter, WhatIsHandedBackMayBeHadAgain) {
  const LimitPolicy policy{.strategy = LimitStrategy::kFixedWindow, .per_minute = 100};
  LimitState state;
  const auto granted = grant(policy, state, kStart + 1s, {.transactional = 1'000});
  EXPECT_EQ(granted.transactional, 100U);
  EXPECT_EQ(granted.ask_again, 59'250ms);
  hand_back(state, granted.at, {.transactional = 40});
  EXPECT_EQ(grant(policy, state, kStart + 2s, {.transactional = 1'000}).transactional, 40U);
}

TEST(Limiter, AChangedPolicyCountsWhatWasGrantedBefore) {
  LimitState state;
  const LimitPolicy before{.strategy = LimitStrategy::kFixedWindow, .per_minute = 100};
  EXPECT_EQ(grant(before, state, kStart + 1s, {.bulk = 1'000}).bulk, 100U);
  LimitPolicy after{.strategy = LimitStrategy::kSlidingWindow, .per_minute = 130};
  EXPECT_EQ(grant(after, state, kStart + 2s, {.bulk = 1'000}).bulk, 30U);
  after.strategy = LimitStrategy::kTokenBucket;
  EXPECT_EQ(grant(after, state, kStart + 2s, {.bulk = 1'000}).bulk, 0U);
  EXPECT_EQ(grant(after, state, kStart + 3s, {.bulk = 1'000}).bulk, 1U);
}

TEST(Limiter, AClockSetBackGrantsNothingUntilItIsWhereItWas) {
  const LimitPolicy policy{};
  LimitState state;
  (void)grant(policy, state, kStart, {.bulk = 1});
  const auto early = grant(policy, state, kStart - 5s, {.bulk = 1});
  EXPECT_EQ(early.bulk, 0U);
  EXPECT_EQ(early.ask_again, 5s);
  EXPECT_EQ(grant(policy, state, kStart - 1h, {.bulk = 1}).bulk, 0U);
  EXPECT_EQ(grant(policy, state, kStart - 1h + 1s, {.bulk = 1}).bulk, 1U);
}

}  // namespace
}  // namespace bongsu::resilience
