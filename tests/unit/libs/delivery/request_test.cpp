#include "request.hpp"

#include "follow_up.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/reasons.hpp>
#include <bongsu/events/v1/result.pb.h>

#include <gtest/gtest.h>

namespace bongsu::delivery {
namespace {

namespace reason = events::reason;
namespace header = events::header;

class Greeter final : public Channel {
 public:
  Result<void> validate(const Notification&) const override { return {}; }
  asio::awaitable<Result<Receipt>> send(const Notification&) override { co_return Receipt{}; }
  asio::awaitable<Result<void>> probe() override { co_return Result<void>{}; }
  std::chrono::milliseconds timeout() const override { return std::chrono::seconds{1}; }
  std::optional<Greeting> greet(const Signup& signup) const override {
    return Greeting{.recipient = Recipient{signup.email.reveal()},
                    .subject = PrivateText{"welcome"},
                    .text = PrivateText{"hello " + signup.name.reveal()},
                    .html = {},
                    .campaign_id = "welcome"};
  }
};

class IntakeTest : public testing::Test {
 protected:
  static constexpr std::string_view kClear =
      R"({"memberId":"m-1","recipient":"hong@example.com","content":"안녕하세요","requestedAt":"2026-11-21T00:00:00Z","later":1})";

  kafka::Message message(std::string value, std::string_view type = events::type::kNotificationRequested) {
    kafka::Message made;
    made.topic = "bongsu.email.request";
    made.partition = 2;
    made.offset = 7;
    made.key = "m-1";
    made.value = std::move(value);
    made.timestamp = *parse_rfc3339("2026-11-21T00:00:01Z");
    made.headers = events::make_headers({.id = "e-1",
                                         .source = "/shop",
                                         .type = std::string{type},
                                         .content_type = events::ContentType::kJson});
    return made;
  }

  SeededRandom random_{1};
  Greeter greeter_;
  security::SealedBox box_{*security::KeyRing::parse("k1:" + to_base64(std::string(32, 'k')) + "\n")};
  Intake intake_{events::Channel::kEmail, greeter_, box_, random_};
  Lane requests_{.topic = "bongsu.email.request", .kind = LaneKind::kRequest};
  Lane signups_{.topic = "bongsu.user.signed-up", .kind = LaneKind::kSignup};
  Lane replays_{.topic = "bongsu.email.replay", .kind = LaneKind::kReplay};
  Lane retries_{.topic = "bongsu.email.retry.1m", .kind = LaneKind::kRetry};
};

TEST_F(IntakeTest, AClearTextRequestIsSealedAndItsIdFollowsFromItsEvent) {
  const auto read = intake_.read(requests_, message(std::string{kClear}));
  ASSERT_TRUE(read) << read.error().flaw.message;
  EXPECT_EQ(read->notification.recipient.reveal(), "hong@example.com");
  EXPECT_EQ(read->notification.text.reveal(), "안녕하세요");
  EXPECT_EQ(read->notification.id, events::request_id("/shop", "e-1", *parse_rfc3339("2026-11-21T00:00:00Z"),
                                                      events::Channel::kEmail));
  EXPECT_EQ(read->value.find("hong"), std::string::npos);
  EXPECT_EQ(read->event.cause().source(), "/shop");
}

TEST_F(IntakeTest, TheSealedBytesStayTheSameWhenTheyAreReadAgain) {
  const auto first = intake_.read(requests_, message(std::string{kClear}));
  ASSERT_TRUE(first);
  auto again = message(first->value);
  again.headers = first->headers;
  const auto second = intake_.read(retries_, std::move(again));
  ASSERT_TRUE(second) << second.error().flaw.message;
  EXPECT_EQ(second->value, first->value);
  EXPECT_EQ(second->notification.id, first->notification.id);
  EXPECT_EQ(second->notification.recipient.reveal(), "hong@example.com");
}

TEST_F(IntakeTest, WhatHoldsNothingPrivateCanBeReadAgainAsWell) {
  const auto first = intake_.read(
      requests_,
      message(R"({"memberId":"m-1","campaignId":"welcome","requestedAt":"2026-11-21T00:00:00Z"})"));
  ASSERT_TRUE(first);
  auto again = message(first->value);
  again.headers = first->headers;
  const auto second = intake_.read(retries_, std::move(again));
  ASSERT_TRUE(second) << second.error().flaw.message;
  EXPECT_EQ(second->notification.campaign_id, "welcome");
}

TEST_F(IntakeTest, OurHeadersCountOnRetryTopicsAndNotWhereUpstreamMayWrite) {
  auto request = message(std::string{kClear});
  set(request.headers, header::kAttempt, "3");
  EXPECT_EQ(intake_.read(requests_, kafka::Message{request})->progress.attempt, 1U);
  EXPECT_EQ(intake_.read(retries_, std::move(request))->progress.attempt, 3U);
}

TEST_F(IntakeTest, WhatCannotBeDecodedKeepsItsBytes) {
  for (const std::string bad : {"", "{", "[]", R"({"recipient":7})"}) {
    const auto read = intake_.read(requests_, message(bad));
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().flaw.reason, reason::kUndecodable) << bad;
    EXPECT_FALSE(read.error().request);
  }
  EXPECT_EQ(intake_.read(requests_, message(std::string{kClear}, events::type::kAlert)).error().flaw.reason,
            reason::kUndecodable);
}

TEST_F(IntakeTest, ABrokenRuleIsInvalidAndItsTextIsSealedAllTheSame) {
  const auto read = intake_.read(requests_, message(R"({"recipient":"hong@example.com","content":"x"})"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().flaw.reason, reason::kInvalidRequest);
  ASSERT_TRUE(read.error().request);
  EXPECT_EQ(read.error().request->value.find("hong"), std::string::npos);
}

TEST_F(IntakeTest, ASignupBecomesAGreetingWithAnIdThatFollowsFromTheMember) {
  const auto read = intake_.read(
      signups_,
      message(
          R"({"userId":"u-1","email":"hong@example.com","name":"홍길동","signedUpAt":"2026-11-21T00:00:00Z"})",
          events::type::kUserSignedUp));
  ASSERT_TRUE(read) << read.error().flaw.message;
  EXPECT_EQ(read->notification.id,
            events::notification_id("u-1", *parse_rfc3339("2026-11-21T00:00:00Z"), events::Channel::kEmail));
  EXPECT_EQ(read->notification.text.reveal(), "hello 홍길동");
  EXPECT_EQ(read->notification.campaign_id, "welcome");
  EXPECT_EQ(find(read->headers, header::kType), events::type::kNotificationRequested);
}

class FollowUpTest : public IntakeTest {
 protected:
  Row failed(const Request& request) {
    Row row;
    row.id = request.notification.id;
    row.outcome = Outcome::kFailed;
    row.reason = reason::kTimeout;
    row.tries = row.total_tries = 3;
    row.ended_at = *parse_rfc3339("2026-11-21T00:01:00Z");
    row.first_failed_at = row.ended_at;
    return row;
  }
  Settings settings_;
  FollowUp follow_up_{
      {.topics = events::Topics{}, .channel = events::Channel::kEmail, .group = "bongsu.email"},
      settings_,
      box_,
      random_};
};

TEST_F(FollowUpTest, AFailedAttemptPublishesItsResultThenTheNextAttempt) {
  const auto request = intake_.read(requests_, message(std::string{kClear}));
  ASSERT_TRUE(request);
  const auto records = follow_up_.of(*request, failed(*request));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].topic, "bongsu.delivery.result");
  EXPECT_EQ(records[1].topic, "bongsu.email.retry.1m");
  EXPECT_EQ(records[1].value, request->value);
  EXPECT_EQ(records[1].key, "m-1");
  EXPECT_EQ(find(records[1].headers, header::kAttempt), "2");
  EXPECT_EQ(find(records[1].headers, header::kDueAt), "2026-11-21T00:02:00.000Z");
}

TEST_F(FollowUpTest, ADeadLetterSaysWhyAndWhereInTextHeaders) {
  const auto request = intake_.read(requests_, message(std::string{kClear}));
  ASSERT_TRUE(request);
  auto row = failed(*request);
  row.outcome = Outcome::kDead;
  row.attempt = 3;
  row.total_tries = 9;
  const auto records = follow_up_.of(*request, row);
  ASSERT_EQ(records.size(), 2U);
  const auto& headers = records[1].headers;
  EXPECT_EQ(records[1].topic, "bongsu.email.dlq");
  EXPECT_EQ(find(headers, header::kReason), "timeout");
  EXPECT_EQ(find(headers, header::kErrorTopic), "bongsu.email.request");
  EXPECT_EQ(find(headers, header::kErrorOffset), "7");
  EXPECT_EQ(find(headers, header::kErrorDeliveryCount), "9");
  EXPECT_EQ(find(headers, header::kAttempt), "3");
}

TEST_F(FollowUpTest, TheSameRowGivesTheSameRecords) {
  const auto request = intake_.read(requests_, message(std::string{kClear}));
  ASSERT_TRUE(request);
  const auto first = follow_up_.of(*request, failed(*request));
  const auto again = follow_up_.of(*request, failed(*request));
  ASSERT_EQ(first.size(), again.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].value, again[i].value);
    EXPECT_EQ(first[i].headers, again[i].headers);
  }
}

TEST_F(FollowUpTest, AFallbackIsTheSameMessageForAnotherChannelUnderItsOwnId) {
  const auto request = intake_.read(
      requests_,
      message(
          R"({"recipient":"hong@example.com","content":"hi","fallback":{"channel":"SMS","recipient":"01012345678"},"requestedAt":"2026-11-21T00:00:00Z"})"));
  ASSERT_TRUE(request);
  auto row = failed(*request);
  row.outcome = Outcome::kFellBack;
  const auto records = follow_up_.of(*request, row);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].topic, "bongsu.sms.request");
  EXPECT_EQ(records[1].key, "m-1");

  const auto id = events::notification_id(row.id, events::Channel::kSms);
  const auto result =
      events::decode<events::v1::DeliveryResult>(records[0].value, events::ContentType::kProtobuf);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->outcome(), events::v1::DeliveryResult::FELL_BACK);
  EXPECT_EQ(result->fallback_channel(), events::v1::SMS);
  EXPECT_EQ(result->fallback_notification_id(), id.str());

  // What the other channel reads of it.
  const Intake sms{events::Channel::kSms, greeter_, box_, random_};
  auto sent = message(records[1].value);
  sent.topic = "bongsu.sms.request";
  sent.headers = records[1].headers;
  const auto read = sms.read({.topic = "bongsu.sms.request", .kind = LaneKind::kRequest}, std::move(sent));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->notification.id, id);
  EXPECT_EQ(read->notification.recipient.reveal(), "01012345678");
  EXPECT_EQ(read->notification.text.reveal(), "hi");
  EXPECT_EQ(read->event.cause().id(), "e-1");
  EXPECT_FALSE(read->fallback);
}

TEST_F(FollowUpTest, AFallbackKeepsItsLaneAndItsGeneration) {
  auto request = intake_.read(
      requests_,
      message(
          R"({"recipient":"hong@example.com","content":"hi","fallback":{"channel":"SMS"},"requestedAt":"2026-11-21T00:00:00Z"})"));
  ASSERT_TRUE(request);
  auto row = failed(*request);
  row.outcome = Outcome::kFellBack;
  request->lane = LaneKind::kBulk;
  EXPECT_EQ(follow_up_.of(*request, row).at(1).topic, "bongsu.sms.bulk");
  request->progress.generation = row.generation = 2;
  const auto replayed = follow_up_.of(*request, row).at(1);
  EXPECT_EQ(replayed.topic, "bongsu.sms.replay");
  EXPECT_EQ(find(replayed.headers, header::kGeneration), "2");
}

TEST_F(IntakeTest, ARepairedRequestHasAKeyOfItsOwnAtTheProvider) {
  auto first = intake_.read(requests_, message(std::string{kClear}));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->notification.idempotency_key, first->notification.id.str());
  first->event.set_repair(2);
  auto repaired = message(events::encode(first->event));
  repaired.headers = first->headers;
  const auto read = intake_.read(replays_, std::move(repaired));
  ASSERT_TRUE(read) << read.error().flaw.message;
  EXPECT_EQ(read->notification.id, first->notification.id);
  EXPECT_EQ(read->notification.idempotency_key, first->notification.id.str() + ".r2");
}

TEST_F(IntakeTest, ASignupThatCouldNotBeDecodedIsOneAgainWhenItIsReplayed) {
  auto signup = message(
      R"({"userId":"u-1","email":"hong@example.com","name":"홍길동","signedUpAt":"2026-11-21T00:00:00Z"})",
      events::type::kUserSignedUp);
  set(signup.headers, header::kGeneration, "1");
  const auto read = intake_.read(replays_, std::move(signup));
  ASSERT_TRUE(read) << read.error().flaw.message;
  EXPECT_EQ(read->notification.text.reveal(), "hello 홍길동");
  EXPECT_EQ(read->progress.generation, 1U);
  EXPECT_EQ(rank_of(*read), Rank::kReplay);
}

TEST_F(FollowUpTest, WhatAReplaySentNamesItsLetterToTheEnd) {
  auto replayed = message(
      R"({"recipient":"hong@example.com","content":"hi","fallback":{"channel":"SMS"},"requestedAt":"2026-11-21T00:00:00Z"})");
  set(replayed.headers, header::kReplayId, "r-1");
  set(replayed.headers, header::kLetterId, "l-1");
  const auto by_upstream = intake_.read(requests_, kafka::Message{replayed});
  ASSERT_TRUE(by_upstream);
  auto row = failed(*by_upstream);
  row.outcome = Outcome::kFellBack;
  const auto not_ours = follow_up_.of(*by_upstream, row);
  const auto their_result =
      events::decode<events::v1::DeliveryResult>(not_ours[0].value, events::ContentType::kProtobuf);
  EXPECT_EQ(their_result->letter_id(), "");
  EXPECT_FALSE(find(not_ours[1].headers, header::kLetterId));

  set(replayed.headers, header::kGeneration, "1");
  const auto request = intake_.read(replays_, std::move(replayed));
  ASSERT_TRUE(request);
  row = failed(*request);
  row.generation = 1;
  row.outcome = Outcome::kFellBack;
  const auto records = follow_up_.of(*request, row);
  const auto result =
      events::decode<events::v1::DeliveryResult>(records[0].value, events::ContentType::kProtobuf);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->replay_id(), "r-1");
  EXPECT_EQ(result->letter_id(), "l-1");
  EXPECT_EQ(find(records[1].headers, header::kLetterId), "l-1");
  EXPECT_EQ(find(records[1].headers, header::kReplayId), "r-1");
  row.outcome = Outcome::kDead;
  EXPECT_EQ(find(follow_up_.of(*request, row)[1].headers, header::kLetterId), "l-1");
}

TEST_F(IntakeTest, AFallbackNamesAnotherChannelThatTakesMessages) {
  for (const auto* channel : {"EMAIL", "COUPON", "PIGEON"}) {
    const auto request = intake_.read(
        requests_,
        message(
            R"({"recipient":"a@b.kr","content":"x","requestedAt":"2026-11-21T00:00:00Z","fallback":{"channel":")" +
            std::string{channel} + R"("}})"));
    ASSERT_FALSE(request) << channel;
    EXPECT_EQ(request.error().flaw.reason, reason::kInvalidRequest) << channel;
  }
}

TEST_F(FollowUpTest, NeitherResultNorDeadLetterHoldsTheRecipientInClear) {
  const auto request = intake_.read(requests_, message(std::string{kClear}));
  ASSERT_TRUE(request);
  auto row = failed(*request);
  row.outcome = Outcome::kDead;
  for (const auto& record : follow_up_.of(*request, row)) {
    EXPECT_EQ(record.value.find("hong@"), std::string::npos);
    for (const auto& header : record.headers)
      EXPECT_EQ(header.value.find("hong@"), std::string::npos) << header.name;
  }
}

}  // namespace
}  // namespace bongsu::delivery
