#include "engine_world.hpp"

#include <set>

#include <boost/json/parse.hpp>

namespace bongsu::delivery {
namespace {

TEST_F(EngineTest, DeliversEachRequestOnceAndTellsItsResult) {
  join();
  request(200, "ok");
  run_until("all are accepted", [&] { return total(provider_.accepted) >= 200; });
  expect_each_once(200, "ok");
  stop(*members_.front());
  EXPECT_EQ(kafka_.read(topics_.result(), 200).size(), 200U);
}

TEST_F(EngineTest, WhatEndsWhere) {
  join();
  for (const auto* recipient : {"ok", "away", "once", "reject", "invalid"}) request(1, recipient);
  run_until("the tiers are walked",
            [&] { return provider_.calls["away0"] >= 6 && provider_.accepted["once0"] == 1; });
  const auto letters = await(topics_.dlq(events::Channel::kEmail), 3);
  stop(*members_.front());
  std::map<std::string, std::pair<std::string, std::string>> deaths;  // key → reason, attempt
  for (const auto& letter : letters) {
    deaths[letter.key] = {std::string{find(letter.headers, events::header::kReason).value_or("")},
                          std::string{find(letter.headers, events::header::kAttempt).value_or("")}};
  }
  using Death = std::pair<std::string, std::string>;
  EXPECT_EQ(deaths["away0"], (Death{"unavailable", "3"}));
  EXPECT_EQ(deaths["reject0"], (Death{"provider_rejected", "1"}));
  EXPECT_EQ(deaths["invalid0"], (Death{"invalid_recipient", "1"}));
  EXPECT_EQ(provider_.calls["away0"], 6);    // three attempts of two calls
  EXPECT_EQ(provider_.calls["reject0"], 1);  // asked once
  EXPECT_EQ(provider_.calls["invalid0"], 0);
}

TEST_F(EngineTest, ASecondMemberJoiningAndLeavingUnderLoadSendsNothingTwice) {
  provider_.latency = 2ms;
  settings_.max_in_flight_records = 20;
  join();
  request(1500, "load");
  for (int round = 0; round < 2; ++round) {
    run_until("some are through", [&, before = total(provider_.accepted)] {
      return total(provider_.accepted) >= std::min<std::size_t>(1500, before + 200);
    });
    auto& second = join();
    run_until("some more are through", [&, before = total(provider_.accepted)] {
      return total(provider_.accepted) >= std::min<std::size_t>(1500, before + 200) &&
             second.engine.healthy();
    });
    stop(second);
  }
  run_until("all are through", [&] { return total(provider_.accepted) >= 1500; });
  expect_each_once(1500, "load");
}

TEST_F(EngineTest, AnOwnerWhoseNameIsLostGoesOnUnderANewOne) {
  auto& member = join();
  request(100, "first");
  run_until("the first are through", [&] { return total(provider_.accepted) >= 100; });
  // Somebody else took the lease: the next renewal finds no row.
  std::optional<std::string> owner;
  bool asking = false;
  const auto ask = [&](std::string sql) {
    asking = true;
    spawn(io_.get_executor(), "ask",
          [](postgres::Pool& pool, std::string text, std::optional<std::string>& into,
             bool& under_way) -> asio::awaitable<void> {
            const auto rows = co_await pool.query(text);
            if (rows && !rows->empty()) into = rows->get<std::string>(0, 0);
            under_way = false;
          }(member.pool, std::move(sql), owner, asking));
  };
  ask("DELETE FROM lease RETURNING owner");
  run_until("the lease is gone", [&] { return owner.has_value(); });
  const auto former = *owner;
  run_until("there is a lease under a new name", [&] {
    if (!asking) ask("SELECT owner FROM lease");  // one at a time: the engine asks over the same connections
    return *owner != former;
  });
  run_until("nobody asks any more", [&] { return !asking; });
  request(100, "later");
  run_until("the later ones are through", [&] { return total(provider_.accepted) >= 200; });
  stop(member);
  expect_each_once(100, "first");
  expect_each_once(100, "later");
}

TEST_F(EngineTest, RefusedCredentialsHoldTheLaneAndUseUpNobodysAttempts) {
  provider_.unauthorized = true;
  join();
  request(20, "held");
  run_until("the provider has refused", [&] { return total(provider_.calls) >= 2; });
  EXPECT_LT(total(provider_.calls), 25U);
  provider_.unauthorized = false;
  run_until("the lane goes on", [&] { return total(provider_.accepted) >= 20; });
  expect_each_once(20, "held");
}

TEST_F(EngineTest, WhileTheProviderIsDownRequestsWithAFallbackGoThereAndTheOthersWait) {
  provider_.down = true;
  settings_.breaker.probe_interval = 200ms;
  settings_.retry = {.max_tries = 1'000, .first_delay = 10ms, .multiplier = 1};  // for all the probes
  join();
  request(20, "waits");
  run_until("the breaker is open", [&] { return total(provider_.calls) >= 5; });
  request(50, "falls", R"(,"fallback":{"channel":"SMS","recipient":"01012345678"})");
  EXPECT_EQ(await(topics_.request(events::Channel::kSms), 50).size(), 50U);
  provider_.down = false;
  run_until("the lane goes on by itself", [&] { return total(provider_.accepted) >= 20; });
  await(topics_.alert(), 3);  // what has not gone out at the stop is lost
  stop(*members_.front());
  expect_each_once(20, "waits");

  std::map<std::string, int> alerts;
  for (const auto& alert : kafka_.read(topics_.alert(), 3)) {
    const auto json = boost::json::parse(*alert.value).as_object();
    ++alerts[std::string{json.at("name").as_string()} + " " + std::string{json.at("state").as_string()}];
    EXPECT_EQ(json.at("source").as_string(), "email");
  }
  const std::map<std::string, int> expected{
      {"provider_down firing", 1}, {"falling_back firing", 1}, {"provider_down resolved", 1}};
  EXPECT_EQ(alerts, expected);
}

/// Grants all that is wanted, or nothing.
class ScriptedTokens final : public Tokens {
 public:
  asio::awaitable<Result<resilience::TokensGranted>> lease(resilience::TokensWanted wanted) override {
    if (!granting) co_return resilience::TokensGranted{.ask_again = 20ms};
    co_return resilience::TokensGranted{
        .transactional = wanted.transactional, .bulk = wanted.bulk, .valid_for = 1s};
  }
  bool granting = false;
};

TEST_F(EngineTest, WhoWaitsTooLongForTheRateLimitRaisesOneAlertThatEndsAMinuteAfterTheLastDid) {
  ScriptedTokens tokens;
  tokens_ = &tokens;
  settings_.rate_limit.wait_limit = 200ms;
  join();
  request(50, "waits");
  const auto state_of = [](const kafka::Message& alert) {
    const auto json = boost::json::parse(*alert.value).as_object();
    return std::string{json.at("name").as_string()} + " " + std::string{json.at("state").as_string()};
  };
  EXPECT_EQ(state_of(await(topics_.alert(), 1).front()), "rate_limit_wait firing");
  EXPECT_EQ(total(provider_.calls), 0U);
  tokens.granting = true;
  run_until("all are sent", [&] { return total(provider_.accepted) == 50; });
  clock_.ahead = 61s;
  std::multiset<std::string> told;
  for (const auto& alert : await(topics_.alert(), 2)) told.insert(state_of(alert));
  EXPECT_EQ(told, (std::multiset<std::string>{"rate_limit_wait firing", "rate_limit_wait resolved"}));
}

TEST_F(EngineTest, TransactionalRequestsGoAheadOfBulk) {
  provider_.latency = 100ms;  // 20 s of bulk, however late Kafka brings the others
  provider_.at_once = 2;
  publish(topics_.bulk(events::Channel::kEmail), 400, "bulk");
  join();
  run_until("bulk is under way", [&] { return provider_.order.size() >= 20; });
  request(5, "now");
  run_until("they are sent", [&] {
    return std::ranges::count_if(provider_.order, [](const auto& to) { return to.starts_with("now"); }) == 5;
  });
  EXPECT_LT(provider_.order.size(), 400U) << "bulk was not held back";
  provider_.latency = 0ms;
  run_until("bulk ends as well", [&] { return total(provider_.accepted) >= 405; });
}

TEST_F(EngineTest, WhatExpiresWhileItWaitsDiesUnsent) {
  provider_.down = true;
  settings_.rate_limit.wait_limit = 100ms;
  settings_.breaker.probe_interval = 1h;
  join();
  request(10, "away");
  run_until("the breaker is open", [&] { return total(provider_.calls) >= 5; });
  const auto soon = to_rfc3339(clock_.now() + 500ms);
  request(3, "late", R"(,"expiresAt":")" + soon + "\"");
  int expired = 0;
  for (const auto& letter : await(topics_.dlq(events::Channel::kEmail), 3))
    expired += find(letter.headers, events::header::kReason) == "expired" ? 1 : 0;
  EXPECT_EQ(expired, 3);
  EXPECT_EQ(provider_.calls["late0"], 0);
}

TEST_F(EngineTest, ACallThatDoesNotFitIntoTheLeaseIsRefusedAtStart) {
  settings_.lease = 3s;
  auto& member = join();
  run_until("it says so", [&] { return member.ended.has_value(); });
  ASSERT_FALSE(*member.ended);
  EXPECT_EQ(member.ended->error().code, ErrorCode::kInvalidArgument);
  members_.clear();
}

}  // namespace
}  // namespace bongsu::delivery
