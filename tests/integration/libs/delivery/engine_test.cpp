#include <bongsu/core/bytes.hpp>
#include <bongsu/delivery/engine.hpp>
#include <bongsu/delivery/postgres_ledger.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>

#include <map>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <support/kafka/kafka_world.hpp>
#include <support/postgres/postgres_world.hpp>

namespace bongsu::delivery {
namespace {

using namespace std::chrono_literals;

/// A provider that does as it is told, by recipient.
class ScriptedChannel final : public Channel {
 public:
  Result<void> validate(const Notification& notification) const override {
    if (notification.recipient.reveal().starts_with("invalid")) {
      return fail(ErrorCode::kNotFound, "there is no such recipient");
    }
    return {};
  }
  asio::awaitable<Result<Receipt>> send(const Notification& notification) override {
    const auto recipient = notification.recipient.reveal();
    const auto call = ++calls[recipient];
    co_await sleep_for(latency);
    order.push_back(recipient);
    if (down || recipient.starts_with("away")) co_return fail(ErrorCode::kUnavailable, "away", "451");
    if (recipient.starts_with("once") && call == 1)
      co_return fail(ErrorCode::kTimeout, "late", {}, Sent::kMaybe);
    if (recipient.starts_with("reject")) co_return fail(ErrorCode::kRejected, "refused", "400");
    if (unauthorized) co_return fail(ErrorCode::kUnauthorized, "who are you", "401");
    ++accepted[recipient];
    co_return Receipt{.provider_id = "p-" + recipient};
  }
  asio::awaitable<Result<void>> probe() override { co_return Result<void>{}; }
  std::chrono::milliseconds timeout() const override { return 2s; }
  std::size_t concurrency() const override { return at_once; }

  std::map<std::string, int> calls;
  std::map<std::string, int> accepted;
  std::vector<std::string> order;  ///< of the answers
  std::chrono::milliseconds latency{0};
  std::size_t at_once = 200;
  bool unauthorized = false;
  bool down = false;
};

class EngineTest : public testing::Test {
 protected:
  /// One member of the group, with connections of its own.
  struct Member {
    Member(EngineTest& test, ScriptedChannel& provider)
        : pool(test.io_.get_executor(), test.database_.settings()),
          ledger(test.io_.get_executor(), pool, test.settings_),
          log(std::move(*KafkaLog::open(test.io_.get_executor(), test.kafka_.consumer("email"),
                                        test.kafka_.producer()))),
          engine(test.io_.get_executor(),
                 {.channel = provider,
                  .kind = events::Channel::kEmail,
                  .ledger = ledger,
                  .log = *log,
                  .clock = test.clock_,
                  .random = test.random_,
                  .box = test.box_,
                  .topics = test.topics_,
                  .group = test.kafka_.prefix() + "email"},
                 test.settings_) {
      spawn(test.io_.get_executor(), "engine",
            [](Member& self) -> asio::awaitable<void> { self.ended = co_await self.engine.run(); }(*this));
    }
    postgres::Pool pool;
    PostgresLedger ledger;
    std::unique_ptr<KafkaLog> log;
    Engine engine;
    std::optional<Result<void>> ended;
  };

  EngineTest() {
    std::vector<kafka::TopicSpec> specs;
    for (const auto& spec : topics_.all({})) {
      specs.push_back({.name = spec.name, .partitions = spec.partitions, .configs = spec.config});
    }
    kafka_.create_topics(std::move(specs));
    settings_.retry = {.max_tries = 2, .first_delay = 10ms};
    settings_.retry_delays = {100ms, 200ms};
    settings_.commit_interval = 50ms;
  }
  ~EngineTest() override {
    for (auto& member : members_) stop(*member);
    members_.clear();
    io_.restart();
    io_.run();
  }

  Member& join() {
    members_.push_back(std::make_unique<Member>(*this, provider_));
    return *members_.back();
  }
  void stop(Member& member) {
    member.engine.stop();
    run_until("the engine has ended", [&] { return member.ended.has_value(); });
    EXPECT_TRUE(*member.ended) << member.ended->error().message;
  }

  void run_until(std::string_view what, const std::function<bool()>& holds,
                 std::chrono::seconds limit = 60s) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    io_.restart();
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "not in time: " << what;
      io_.run_one_for(50ms);
    }
  }

  /// `more`: further fields of the request, as JSON, beginning with a comma.
  void request(int count, const std::string& recipient, const std::string& more = "") {
    publish(topics_.request(events::Channel::kEmail), count, recipient, more);
  }
  void publish(const std::string& topic, int count, const std::string& recipient,
               const std::string& more = "") {
    std::vector<kafka::Record> records;
    for (int i = 0; i < count; ++i) {
      kafka::Record record;
      record.topic = topic;
      record.key = recipient + std::to_string(i);
      record.value = R"({"recipient":")" + record.key + R"(","content":"x","requestedAt":")" +
                     to_rfc3339(clock_.now()) + "\"" + more + "}";
      record.headers = events::make_headers({.id = record.key,
                                             .source = "/test",
                                             .type = std::string{events::type::kNotificationRequested},
                                             .content_type = events::ContentType::kJson});
      records.push_back(std::move(record));
    }
    kafka_.produce(std::move(records));
  }

  /// What is in the topic, once there are `count` records, with the engines going on meanwhile.
  std::vector<kafka::Message> await(const std::string& topic, std::size_t count) {
    std::optional<std::vector<kafka::Message>> read;
    spawn(io_.get_executor(), "read",
          [](support::KafkaWorld& kafka, std::string from, std::size_t least,
             std::optional<std::vector<kafka::Message>>& into) -> asio::awaitable<void> {
            into = co_await kafka.read_soon(std::move(from), least);
          }(kafka_, topic, count, read));
    run_until("records in " + topic, [&] { return read.has_value(); });
    return std::move(*read);
  }

  std::size_t total(const std::map<std::string, int>& counts) const {
    std::size_t sum = 0;
    for (const auto& [key, count] : counts) sum += static_cast<std::size_t>(count);
    return sum;
  }
  void expect_each_once(int count, const std::string& recipient) {
    for (int i = 0; i < count; ++i)
      EXPECT_EQ(provider_.accepted[recipient + std::to_string(i)], 1) << recipient << i;
  }

  asio::io_context io_;
  support::KafkaWorld kafka_;
  support::PostgresWorld database_{"email"};
  SystemClock clock_;
  SystemRandom random_;
  Settings settings_;
  events::Topics topics_{kafka_.prefix()};
  security::SealedBox box_{*security::KeyRing::parse("k1:" + to_base64(std::string(32, 'k')) + "\n")};
  ScriptedChannel provider_;
  std::vector<std::unique_ptr<Member>> members_;
};

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
  stop(*members_.front());
  std::map<std::string, std::pair<std::string, std::string>> deaths;  // key → reason, attempt
  for (const auto& letter : kafka_.read(topics_.dlq(events::Channel::kEmail), 3)) {
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
  const auto ask = [&](std::string sql) {
    spawn(io_.get_executor(), "ask",
          [](postgres::Pool& pool, std::string text,
             std::optional<std::string>& into) -> asio::awaitable<void> {
            const auto rows = co_await pool.query(text);
            if (rows && !rows->empty()) into = rows->get<std::string>(0, 0);
          }(member.pool, std::move(sql), owner));
  };
  ask("DELETE FROM lease RETURNING owner");
  run_until("the lease is gone", [&] { return owner.has_value(); });
  const auto former = *owner;
  run_until("there is a lease under a new name", [&] {
    ask("SELECT owner FROM lease");
    return *owner != former;
  });
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
  join();
  request(20, "waits");
  run_until("the breaker is open", [&] { return total(provider_.calls) >= 5; });
  request(50, "falls", R"(,"fallback":{"channel":"SMS","recipient":"01012345678"})");
  EXPECT_EQ(await(topics_.request(events::Channel::kSms), 50).size(), 50U);
  provider_.down = false;
  run_until("the lane goes on by itself", [&] { return total(provider_.accepted) >= 20; });
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

TEST_F(EngineTest, TransactionalRequestsGoAheadOfBulk) {
  provider_.latency = 10ms;
  provider_.at_once = 2;
  publish(topics_.bulk(events::Channel::kEmail), 400, "bulk");
  join();
  run_until("bulk is under way", [&] { return provider_.order.size() >= 20; });
  request(5, "now");
  run_until("they are sent", [&] {
    return std::ranges::count_if(provider_.order, [](const auto& to) { return to.starts_with("now"); }) == 5;
  });
  EXPECT_LT(provider_.order.size(), 400U) << "bulk was not held back";
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
