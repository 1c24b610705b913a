#include "sms_channel.hpp"

#include <gtest/gtest.h>
#include <support/run.hpp>
#include <support/simulator/simulator_world.hpp>

namespace bongsu::sms {
namespace {

using namespace std::chrono_literals;

constexpr const char* kId = "0193a1b2-0000-8000-8000-000000000001";

struct World {
  explicit World(std::string password = "5678", std::chrono::milliseconds timeout = 30s)
      : api(http::Api::open(io.get_executor(), {.base_url = simulator.url("sms"),
                                                .username = "autoever",
                                                .password = std::move(password),
                                                .client = {.timeout = timeout}})
                .value()) {
    notification.id = Uuid::parse(kId).value();
    notification.recipient = Recipient{"010-1234-5678"};
    notification.text = PrivateText{"줄 하나\n\"줄\" 둘"};
  }
  Result<delivery::Receipt> send() { return support::run(io, channel.send(notification), 60s); }
  Error failure(const std::string& fault) {
    simulator.put_faults(R"([{"channel":"sms",)" + fault + "}]");
    const auto sent = send();
    return sent ? Error{} : sent.error();
  }

  support::SimulatorWorld simulator;
  asio::io_context io;
  http::Api api;
  SmsChannel channel{api};
  delivery::Notification notification;
};

TEST(SmsChannel, AMessageArrivesAsItIsWithTheNotificationsIdAsKey) {
  World world;
  const auto receipt = world.send();
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->provider_id, std::string{"sms-"} + kId);
  const auto seen = world.simulator.messages("sms");
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].recipient, "010-1234-5678");
  EXPECT_EQ(seen[0].content, "줄 하나\n\"줄\" 둘");
  EXPECT_EQ(seen[0].idempotency_key, kId);
  world.notification.idempotency_key = std::string{kId} + ".r1";
  ASSERT_TRUE(world.send());
  EXPECT_EQ(world.simulator.messages("sms").back().idempotency_key, std::string{kId} + ".r1");
}

TEST(SmsChannel, TheSameNotificationAgainGetsTheSameAnswer) {
  World world;
  EXPECT_EQ(world.send()->provider_id, world.send()->provider_id);
  EXPECT_EQ(world.simulator.stats("sms").duplicates, 1);
}

TEST(SmsChannel, EveryStatusBecomesWhatFollows) {
  World world;
  const std::map<int, ErrorCode> meanings{
      {400, ErrorCode::kRejected},    {401, ErrorCode::kUnauthorized}, {403, ErrorCode::kUnauthorized},
      {404, ErrorCode::kRejected},    {408, ErrorCode::kUnavailable},  {422, ErrorCode::kRejected},
      {429, ErrorCode::kRateLimited}, {500, ErrorCode::kUnavailable},  {502, ErrorCode::kUnavailable},
      {503, ErrorCode::kUnavailable}, {504, ErrorCode::kUnavailable}};
  for (const auto& [status, code] : meanings) {
    const auto error = world.failure("\"status\":" + std::to_string(status));
    EXPECT_EQ(error.code, code) << status;
    EXPECT_EQ(error.detail, std::to_string(status));
    EXPECT_EQ(error.sent, status == 502 || status == 504 ? Sent::kMaybe : Sent::kNo) << status;
    EXPECT_EQ(error.retry_after, std::nullopt) << status;
  }
  EXPECT_EQ(world.failure(R"("status":429,"retryAfter":7)").retry_after, 7s);
}

TEST(SmsChannel, AnAnswerThatDoesNotComeMayHaveBeenSent) {
  World impatient{"5678", 3s};
  const auto late = impatient.failure(R"("delayMs":600000)");
  EXPECT_EQ(late.code, ErrorCode::kTimeout);
  EXPECT_EQ(late.sent, Sent::kMaybe);
  World world;
  const auto cut = world.failure(R"("drop":true)");
  EXPECT_EQ(cut.code, ErrorCode::kUnavailable);
  EXPECT_EQ(cut.sent, Sent::kMaybe);
}

TEST(SmsChannel, AProviderThatIsAwayGotNothing) {
  World world;
  ASSERT_TRUE(world.send());
  world.simulator.kill();
  const auto away = world.send();
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(away.error().sent, Sent::kNo);
  world.simulator.start();
  EXPECT_TRUE(world.send());
}

TEST(SmsChannel, TheProbeAsksForHealth) {
  World world;
  EXPECT_TRUE(support::run(world.io, world.channel.probe()));
  world.simulator.put_faults(R"([{"channel":"sms","status":503}])");
  EXPECT_EQ(support::run(world.io, world.channel.probe()).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(world.simulator.stats("sms").requests, 0);
}

TEST(SmsChannel, ALoginThatIsRefusedIsUnauthorized) {
  World world{"wrong"};
  EXPECT_EQ(world.send().error().code, ErrorCode::kUnauthorized);
}

}  // namespace
}  // namespace bongsu::sms
