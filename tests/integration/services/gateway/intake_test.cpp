// What Kafka brings, handed over without Kafka.
#include "history.hpp"
#include "rest_world.hpp"
#include "result_intake.hpp"
#include "signup_intake.hpp"

#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/v1/user.pb.h>

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

using Wire = events::v1::DeliveryResult;
using intake::DeadLetter;
using Letters = Result<std::vector<DeadLetter>>;

const std::string kTopic = "bongsu.user.signed-up";

kafka::Message record(std::string_view type, std::string value,
                      events::ContentType content = events::ContentType::kJson) {
  kafka::Message message;
  message.topic = kTopic;
  message.partition = 2;
  message.offset = 7;
  message.key = "key";
  message.value = std::move(value);
  message.headers = events::make_headers({.id = "1",
                                          .source = "/upstream",
                                          .type = std::string{type},
                                          .time = Timestamp{},
                                          .content_type = content,
                                          .trace = {}});
  return message;
}

std::string upstream(const std::string& user, const std::string& email, const std::string& more = "") {
  return R"({"userId":")" + user + R"(","email":")" + email +
         R"(","name":"홍길동","signedUpAt":"2026-11-21T03:00:00Z")" + more + "}";
}

class Intake : public testing::Test {
 protected:
  std::vector<DeadLetter> sign_up(const std::vector<std::string>& values) {
    std::vector<kafka::Message> records;
    for (const auto& value : values) records.push_back(record(events::type::kUserSignedUp, value));
    return take(std::move(records));
  }
  std::vector<DeadLetter> take(std::vector<kafka::Message> records) {
    const SignupIntakeParts parts{.pool = world_.pool(),
                                  .events = world_.rest().events(),
                                  .fingerprints = world_.rest().fingerprints(),
                                  .clock = world_.clock(),
                                  .group = "bongsu.gateway"};
    auto letters = world_.run(take_signups(parts, records));
    EXPECT_TRUE(letters);
    return std::move(*letters);
  }

  RestWorld world_;
};

TEST_F(Intake, UpstreamsSignupsBecomeMembers) {
  EXPECT_TRUE(sign_up({upstream("u-1", "A@example.com",
                                R"(,"phone":"010-1234-5678","birthDate":"1999-01-31","mood":"good")"),
                       upstream("u-2", "b@example.com")})
                  .empty());
  EXPECT_EQ(world_.count("member"), 2);
  EXPECT_EQ(world_.count("outbox"), 0) << "the event is there already";
  EXPECT_EQ(world_.column("SELECT birth_date::text FROM member WHERE user_id = 'u-1'").at(0), "1999-01-31");
  EXPECT_EQ(world_.post("/api/signup", R"({"email":"a@EXAMPLE.com","name":"A"})").code(), "email_taken");
}

TEST_F(Intake, TheSameSignupAgainChangesNothing) {
  EXPECT_TRUE(sign_up({upstream("u-1", "a@example.com"), upstream("u-1", "a@example.com")}).empty());
  EXPECT_TRUE(sign_up({upstream("u-1", "a@example.com")}).empty());
  EXPECT_EQ(world_.count("member"), 1);
}

TEST_F(Intake, OurOwnSignupsAreMembersAlready) {
  ASSERT_EQ(world_.post("/api/signup", R"({"email":"a@example.com","name":"A"})").status, 201);
  auto message = record(events::type::kUserSignedUp, "", events::ContentType::kProtobuf);
  events::v1::UserSignedUp own;
  own.set_user_id("x");
  own.set_sealed("box");
  message.value = events::encode(own);
  EXPECT_TRUE(take({message}).empty());
  EXPECT_EQ(world_.count("member"), 1);
}

TEST_F(Intake, AnAddressOfAnotherMemberIsADeadLetterWithNothingInClear) {
  ASSERT_TRUE(sign_up({upstream("u-1", "a@example.com")}).empty());
  const auto letters = sign_up({upstream("u-2", "a@example.com"), upstream("u-3", "c@example.com")});
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].death.reason, "invalid_request");
  EXPECT_EQ(letters[0].death.topic, kTopic);
  EXPECT_EQ(letters[0].death.offset, 7);
  EXPECT_EQ(letters[0].value->find("a@example.com"), std::string::npos);
  EXPECT_EQ(find(letters[0].headers, events::header::kContentType), "application/protobuf");
  EXPECT_EQ(world_.count("member"), 2);
}

TEST_F(Intake, ASignupThatBreaksARuleIsADeadLetterThatNamesTheFields) {
  const auto letters = sign_up({upstream("u-1", "not an address", R"(,"phone":"1")"),
                                R"({"userId":"u-2","email":"b@example.com","name":"B"})"});
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(letters[0].death.message,
            "these fields break a rule: email (invalid_email), phone (invalid_phone)");
  EXPECT_EQ(letters[0].value->find("not an address"), std::string::npos);
  EXPECT_EQ(letters[1].death.message, "these fields break a rule: signedUpAt (required)");
  EXPECT_EQ(world_.count("member"), 0);
}

TEST_F(Intake, WhatCannotBeDecodedKeepsItsBytes) {
  auto no_type = record(events::type::kUserSignedUp, upstream("u-1", "a@example.com"));
  no_type.headers.clear();
  auto tombstone = record(events::type::kUserSignedUp, "");
  tombstone.value.reset();
  const std::string large(1 << 20, '\xFF');
  const auto letters = take({record(events::type::kUserSignedUp, "\x01{not json"), no_type, tombstone,
                             record(events::type::kUserSignedUp, large)});
  ASSERT_EQ(letters.size(), 4U);
  for (const auto& letter : letters) EXPECT_EQ(letter.death.reason, "undecodable");
  EXPECT_EQ(letters[0].value, "\x01{not json");
  EXPECT_EQ(letters[0].key, "key");
  EXPECT_FALSE(letters[2].value);
  EXPECT_EQ(letters[3].value, large);
}

class Results : public Intake {
 protected:
  static kafka::Message result(const Wire& value) {
    return record(events::type::kDeliveryResult, events::encode(value), events::ContentType::kProtobuf);
  }
  static Wire delivered() {
    Wire value;
    value.set_notification_id("01936f00-0000-8000-8000-000000000001");
    value.set_channel(events::v1::EMAIL);
    value.set_outcome(Wire::DELIVERED);
    value.set_attempt(1);
    value.set_tries(1);
    *value.mutable_time() = events::to_proto(Timestamp{std::chrono::seconds{1'700'000'000}});
    return value;
  }
  std::vector<DeadLetter> note(std::vector<kafka::Message> records) {
    auto letters = world_.run(take_results(world_.pool(), "bongsu.gateway", records));
    EXPECT_TRUE(letters);
    return std::move(*letters);
  }
};

TEST_F(Results, AreKeptOnce) {
  EXPECT_TRUE(note({result(delivered()), result(delivered())}).empty());
  EXPECT_TRUE(note({result(delivered())}).empty());
  EXPECT_EQ(world_.count("delivery_result"), 1);
}

TEST_F(Results, OfAJobAreNotTheGatewaysConcern) {
  auto bulk = delivered();
  bulk.set_job_id("j");
  EXPECT_TRUE(note({result(bulk)}).empty());
  EXPECT_EQ(world_.count("delivery_result"), 0);
}

TEST_F(Results, OfANotificationAndOfWhatTookOverAreOneHistory) {
  auto fell_back = delivered();
  const auto id = *Uuid::parse(fell_back.notification_id());
  const auto other = events::notification_id(id, events::Channel::kSms);
  fell_back.set_channel(events::v1::KAKAO);
  fell_back.set_outcome(Wire::FELL_BACK);
  fell_back.set_reason("unavailable");
  fell_back.set_fallback_notification_id(other.str());
  fell_back.set_fallback_channel(events::v1::SMS);
  auto taken_over = delivered();
  taken_over.set_notification_id(other.str());
  taken_over.set_channel(events::v1::SMS);
  EXPECT_TRUE(note({result(taken_over), result(fell_back), result(taken_over), result(fell_back)}).empty());
  EXPECT_TRUE(note({result(fell_back)}).empty());

  const auto tracked = world_.run(find_message(world_.pool(), id));
  ASSERT_TRUE(tracked && *tracked);
  EXPECT_EQ((*tracked)->channel, events::Channel::kKakao);
  ASSERT_EQ((*tracked)->attempts.size(), 2U);
  EXPECT_EQ((*tracked)->attempts[0].outcome, Wire::FELL_BACK);
  EXPECT_EQ((*tracked)->attempts[0].fallback, other);
  EXPECT_EQ((*tracked)->attempts[1].channel, events::Channel::kSms);
  EXPECT_EQ(summarise(id, (*tracked)->progress, (*tracked)->attempts).status, MessageStatus::kDelivered);
}

TEST_F(Results, OneThatIsBadLeavesTheOthersAlone) {
  auto no_id = delivered();
  no_id.set_notification_id("x");
  auto zero = delivered();
  zero.set_attempt(2);
  zero.set_reason(std::string{"a\0b", 3});
  const auto letters =
      note({result(no_id), result(delivered()), result(zero), record(events::type::kDeliveryResult, "?")});
  EXPECT_EQ(letters.size(), 3U);
  EXPECT_EQ(world_.count("delivery_result"), 1);
}

}  // namespace
}  // namespace bongsu::gateway
