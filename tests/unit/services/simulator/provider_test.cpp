#include "provider.hpp"

#include <bongsu/http/client.hpp>

#include <gtest/gtest.h>
#include <support/run.hpp>

namespace bongsu::simulator {
namespace {

using namespace std::chrono_literals;

/// A clock that stands still until it is moved.
class StillClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp{1'000'000ms + passed}; }
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::time_point{1h + passed};
  }
  std::chrono::milliseconds passed{0};
};

struct World {
  asio::io_context io;
  StillClock clock;
  SeededRandom chance{7};
  Faults faults{chance};
  MessageLog log{1000, 1U << 20};
  Provider kakao{kKakao, faults, log, clock};
  http::Router routes = kakao.routes();

  http::Response post(const std::string& recipient, const std::string& key,
                      const std::string& password = "1234", const std::string& body = "") {
    http::Request request{http::Method::kPost, "/kakaotalk-messages",
                          body.empty() ? R"({"recipient":")" + recipient + R"(","message":"hi"})" : body};
    request.add_header("Authorization", http::basic_auth("autoever", password));
    if (!key.empty()) request.add_header("Idempotency-Key", key);
    return support::run(io, routes.find(request).route->handler(request));
  }
  http::Response health() {
    http::Request request{http::Method::kGet, "/health"};
    return support::run(io, routes.find(request).route->handler(request));
  }
  std::vector<int> statuses() {
    std::vector<int> all;
    log.visit(1000, [](const Message&) { return true; }, [&](const Message& m) { all.push_back(m.status); });
    return all;
  }
  void set(std::string_view json) { faults.set(parse_faults(json).value()); }
};

TEST(Simulator, TheSameKeyGetsTheSameAnswerAndCountsAsADuplicate) {
  World world;
  const auto first = world.post("010-1", "k1");
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(first.body.starts_with(R"({"messageId":"kakao-)")) << first.body;
  EXPECT_EQ(world.post("010-1", "k1").body, first.body);
  EXPECT_NE(world.post("010-1", "k2").body, first.body);
  const auto& stats = world.kakao.stats();
  EXPECT_EQ(stats.accepted, 3);
  EXPECT_EQ(stats.unique, 2);
  EXPECT_EQ(stats.duplicates, 1);
  world.kakao.behaviour().idempotent = false;
  EXPECT_NE(world.post("010-1", "k1").body, first.body);
  EXPECT_EQ(stats.duplicates, 2);
}

TEST(Simulator, WrongCredentialsAndWrongBodiesAreRefusedAndListed) {
  World world;
  EXPECT_EQ(world.post("010-1", "k1", "5678").status, 401);
  EXPECT_EQ(world.post("", "k1", "1234", "{").status, 400);
  EXPECT_EQ(world.post("", "k1", "1234", R"({"recipient":"010-1"})").status, 400);
  EXPECT_EQ(world.post("", "k1", "1234", R"({"recipient":1,"message":"x"})").status, 400);
  EXPECT_EQ(world.kakao.stats().rejected, 4);
  EXPECT_EQ(world.statuses(), (std::vector{401, 400, 400, 400}));
}

TEST(Simulator, TheFirstFaultThatMatchesActsAsOftenAsItMay) {
  World world;
  world.set(R"([{"channel":"sms","status":500},{"channel":"kakao","recipient":"010-1","status":503,"count":2},
                {"channel":"kakao","recipient":"010-1","drop":true,"count":1}])");
  EXPECT_EQ(world.post("010-2", "a").status, 200);
  EXPECT_EQ(world.post("010-1", "b").status, 503);
  EXPECT_EQ(world.post("010-1", "b").status, 503);
  EXPECT_TRUE(world.post("010-1", "b").cut);
  EXPECT_EQ(world.post("010-1", "b").status, 200);
  EXPECT_EQ(world.statuses(), (std::vector{200, 503, 503, 0, 200}));
  EXPECT_EQ(world.kakao.stats().duplicates, 0);
}

TEST(Simulator, AFaultWithoutRecipientActsOnHealthToo) {
  World world;
  world.set(R"([{"channel":"kakao","recipient":"010-1","status":500}])");
  EXPECT_EQ(world.health().status, 200);
  world.set(R"([{"channel":"kakao","status":429,"retryAfter":9}])");
  EXPECT_EQ(world.health().status, 429);
  EXPECT_EQ(find(world.post("010-1", "a").headers, "Retry-After"), "9");
}

TEST(Simulator, ADelayAnswersLateAndAcceptsAllTheSame) {
  World world;
  world.set(R"([{"channel":"kakao","delayMs":30}])");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(world.post("010-1", "a").status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 30ms);
  EXPECT_EQ(world.kakao.stats().max_in_flight, 1);
  EXPECT_EQ(world.kakao.stats().in_flight, 0);
}

TEST(Simulator, AShareOfRecipientsFailsAndAlwaysTheSame) {
  World world;
  world.set(R"([{"channel":"kakao","recipientShare":0.2,"status":500}])");
  int failed = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto recipient = "010-" + std::to_string(i);
    const auto status = world.post(recipient, "a").status;
    failed += status == 500 ? 1 : 0;
    EXPECT_EQ(world.post(recipient, "a").status, status);
  }
  EXPECT_NEAR(failed, 200, 60);
}

TEST(Simulator, ProbabilityIsDrawnFromTheSeed) {
  World world;
  world.set(R"([{"channel":"kakao","probability":0.3,"status":500}])");
  int failed = 0;
  for (int i = 0; i < 1000; ++i) failed += world.post("010-1", "").status == 500 ? 1 : 0;
  EXPECT_NEAR(failed, 300, 60);
}

TEST(Simulator, MoreThanTheLimitInAnySixtySecondsIsRefusedWithRetryAfter) {
  World world;
  world.kakao.behaviour().rate_limit = 3;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(world.post("010-1", "").status, 200);
    world.clock.passed += 10s;
  }
  const auto refused = world.post("010-1", "");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(find(refused.headers, "Retry-After"), "30");
  world.clock.passed += 30s;
  EXPECT_EQ(world.post("010-1", "").status, 200);
  EXPECT_EQ(world.post("010-1", "").status, 429);
}

TEST(Simulator, BrokenFaultsAreNamed) {
  EXPECT_FALSE(parse_faults("{}"));
  EXPECT_FALSE(parse_faults("[{}]"));
  EXPECT_FALSE(parse_faults(R"([{"channel":"fax"}])"));
  EXPECT_FALSE(parse_faults(R"([{"channel":"sms","status":900}])"));
  EXPECT_FALSE(parse_faults(R"([{"channel":"sms","probability":2}])"));
  EXPECT_FALSE(parse_faults(R"([{"channel":"sms","what":1}])"));
}

TEST(MessageLog, KeepsTheLatestWithinItsBounds) {
  MessageLog log{1000, 4U << 20};
  const std::string content(500, 'x');
  for (int i = 0; i < 50'000; ++i)
    log.add({.channel = "sms", .recipient = std::to_string(i), .content = content, .status = 200});
  EXPECT_GE(log.size(), 1000U);
  EXPECT_LT(log.size(), 10'000U);
  std::vector<std::string> seen;
  log.visit(
      2, [](const Message& m) { return m.channel == "sms"; },
      [&](const Message& m) { seen.emplace_back(m.recipient); });
  EXPECT_EQ(seen, (std::vector<std::string>{"49998", "49999"}));
}

}  // namespace
}  // namespace bongsu::simulator
