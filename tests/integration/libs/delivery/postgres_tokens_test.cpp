#include <bongsu/delivery/postgres_tokens.hpp>

#include <gtest/gtest.h>
#include <support/postgres/postgres_world.hpp>
#include <support/run.hpp>

namespace bongsu::delivery {
namespace {

using namespace std::chrono_literals;
using resilience::LimitPolicy;
using resilience::LimitStrategy;
using support::run;

struct Grants {
  std::vector<std::pair<Timestamp, std::uint32_t>> all;
  int failed = 0;
  int askers = 0;
};

/// As a replica with endless work asks: again when it was told to, until `last` by the database's clock.
asio::awaitable<void> ask_on(PostgresTokens tokens, std::chrono::milliseconds span, Grants& grants) {
  std::optional<Timestamp> first;
  for (;;) {
    const auto granted = co_await tokens.lease({.transactional = 100, .bulk = 1'000});
    if (!granted) {
      ++grants.failed;
      break;
    }
    if (!first) first = granted->at;
    if (granted->at - *first > span) break;
    grants.all.emplace_back(granted->at, granted->transactional + granted->bulk);
    co_await sleep_for(granted->ask_again);
  }
  --grants.askers;
}

/// What was granted of 100 tokens a second, and a burst of 100.
double sum_within_the_bucket(Grants grants) {
  std::ranges::sort(grants.all);
  double sum = 0;
  double least = 1e9;
  for (const auto& [at, tokens] : grants.all) {
    const auto due = 0.1 * static_cast<double>((at - grants.all.front().first).count());
    least = std::min(least, sum - due);
    sum += tokens;
    EXPECT_LE(sum - due - least, 100) << "more than burst + rate t";
  }
  return sum;
}

class TokensTest : public testing::Test {
 protected:
  ~TokensTest() override {
    pools_.clear();
    io_.restart();
    io_.run();  // their connections end
  }

  /// Another replica: connections of its own.
  postgres::Pool& replica() {
    pools_.push_back(std::make_unique<postgres::Pool>(io_.get_executor(), database_.settings()));
    return *pools_.back();
  }

  resilience::TokensGranted lease(PostgresTokens& tokens, resilience::TokensWanted wanted) {
    const auto granted = run(io_, tokens.lease(wanted));
    EXPECT_TRUE(granted) << granted.error().message;
    return granted.value_or(resilience::TokensGranted{});
  }

  /// Asks until something is granted: a fixed window pauses at the minute's edges.
  resilience::TokensGranted first_lease(PostgresTokens& tokens, resilience::TokensWanted wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      auto granted = lease(tokens, wanted);
      if (granted.transactional + granted.bulk > 0) return granted;
      EXPECT_LT(std::chrono::steady_clock::now(), deadline);
      if (std::chrono::steady_clock::now() >= deadline) return granted;
    }
  }

  /// Each asker a replica.
  void ask_for_three_seconds(const std::string& provider, Grants& grants) {
    const LimitPolicy policy{.per_minute = 6'000};
    for (int i = 0; i < grants.askers; ++i)
      spawn(io_.get_executor(), "asker", ask_on(PostgresTokens{replica(), provider, policy}, 3s, grants));
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    io_.restart();
    while (grants.askers > 0 && io_.run_one_until(deadline) > 0) {
    }
  }

  support::PostgresWorld database_{"email"};
  asio::io_context io_;
  std::vector<std::unique_ptr<postgres::Pool>> pools_;
};

TEST_F(TokensTest, TwoReplicasTogetherGetWhatTheBucketAllowsAndNoMore) {
  // Who stands still for a while misses tokens: of some times, the best one counts.
  double most = 0;
  for (int i = 0; i < 5 && most < 0.97 * 300; ++i) {
    Grants grants{.all = {}, .failed = 0, .askers = 4};
    ask_for_three_seconds("sms" + std::to_string(i), grants);
    ASSERT_EQ(grants.askers, 0);
    ASSERT_EQ(grants.failed, 0);
    most = std::max(most, sum_within_the_bucket(std::move(grants)));
  }
  EXPECT_GE(most, 0.97 * 300);
}

TEST_F(TokensTest, AWindowIsSharedAndAChangedPolicyCountsWhatWasGrantedBefore) {
  LimitPolicy policy{.strategy = LimitStrategy::kSlidingWindow, .per_minute = 50, .reserve = 0.2};
  PostgresTokens one{replica(), "kakao", policy};
  PostgresTokens other{replica(), "kakao", policy};
  const auto first = lease(one, {.bulk = 30});
  EXPECT_EQ(first.bulk, 30U);
  const auto rest = lease(other, {.transactional = 5, .bulk = 1'000});
  EXPECT_EQ(rest.transactional, 5U);
  EXPECT_EQ(rest.bulk, 10U);
  EXPECT_GT(rest.ask_again + (rest.at - first.at), 50s);

  policy.per_minute = 60;
  policy.reserve = 0;
  PostgresTokens changed{replica(), "kakao", policy};
  EXPECT_EQ(lease(changed, {.bulk = 1'000}).bulk, 15U);
  PostgresTokens another{replica(), "another", policy};
  EXPECT_EQ(lease(another, {.bulk = 1'000}).bulk, 60U) << "each provider has a row of its own";
}

TEST_F(TokensTest, WhatIsHandedBackIsThereForTheOthers) {
  const LimitPolicy policy{.strategy = LimitStrategy::kSlidingWindow, .per_minute = 50};
  PostgresTokens one{replica(), "kakao", policy};
  PostgresTokens other{replica(), "kakao", policy};
  const auto all = lease(one, {.transactional = 1'000});
  EXPECT_EQ(all.transactional, 50U);
  EXPECT_EQ(lease(other, {.bulk = 10}).bulk, 0U);
  ASSERT_TRUE(run(io_, one.hand_back(all, {.transactional = 20})));
  EXPECT_EQ(lease(other, {.bulk = 1'000}).bulk, 20U);
}

TEST_F(TokensTest, AFixedWindowIsCountedByTheDatabasesMinute) {
  const LimitPolicy policy{.strategy = LimitStrategy::kFixedWindow, .per_minute = 50};
  PostgresTokens tokens{replica(), "kakao", policy};
  const auto granted = first_lease(tokens, {.bulk = 1'000});
  EXPECT_EQ(granted.bulk, 50U);
  const auto next = std::chrono::floor<std::chrono::minutes>(granted.at) + 1min + policy.guard;
  EXPECT_EQ(granted.at + granted.ask_again, next);
}

TEST_F(TokensTest, GrantsNothingWhilePostgresIsAway) {
  auto settings = database_.settings();
  settings.uri = "postgresql://nobody@127.0.0.1:1/none";
  pools_.push_back(std::make_unique<postgres::Pool>(io_.get_executor(), settings));
  PostgresTokens tokens{*pools_.back(), "kakao", {}};
  const auto granted = run(io_, tokens.lease({.transactional = 1}));
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace bongsu::delivery
