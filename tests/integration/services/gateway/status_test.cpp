#include "history.hpp"
#include "rest_world.hpp"

#include <bongsu/events/ids.hpp>

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

using Wire = events::v1::DeliveryResult;

std::string text(const boost::json::value& value) { return std::string{value.as_string()}; }

class Status : public testing::Test {
 protected:
  std::string send() {
    return text(
        world_
            .post("/api/messages",
                  R"({"clientMessageId":"m","channel":"KAKAO","recipient":"010-1234-5678","content":"c"})")
            .data()
            .at("messageId"));
  }
  boost::json::value shown(const std::string& id) { return world_.get("/api/messages/" + id).data(); }
  void publish_all() {
    world_.column(
        "UPDATE outbox_cursor SET (xid, sequence) = (SELECT xid, sequence FROM outbox ORDER BY xid DESC, "
        "sequence "
        "DESC LIMIT 1) RETURNING 'done'");
  }
  void note(const Uuid& id, Outcome outcome, const std::string& reason, std::uint32_t attempt,
            events::Channel channel = events::Channel::kKakao, std::optional<Uuid> fallback = {},
            std::uint32_t generation = 0) {
    Attempt made;
    made.notification_id = id;
    made.channel = channel;
    made.attempt = attempt;
    made.generation = generation;
    made.time = world_.clock().now();
    made.outcome = outcome;
    made.reason = reason;
    made.tries = 3;
    made.fallback = fallback;
    ASSERT_TRUE(world_.run(note_attempts(world_.pool(), {made})));
  }

  RestWorld world_;
  SystemRandom dice_;
};

TEST_F(Status, FollowsAMessageFromAcceptedToDelivered) {
  const auto id = send();
  const auto notification = events::notification_id(*Uuid::parse(id), events::Channel::kKakao);
  EXPECT_EQ(text(shown(id).at("status")), "ACCEPTED");
  publish_all();
  EXPECT_EQ(text(shown(id).at("status")), "PUBLISHED");
  note(notification, Wire::RETRYING, "timeout", 1);
  const auto retrying = shown(id);
  EXPECT_EQ(text(retrying.at("status")), "PUBLISHED");
  EXPECT_EQ(text(retrying.at("lastError")), "timeout");
  note(notification, Wire::DELIVERED, "", 2);
  const auto delivered = shown(notification.str());
  EXPECT_EQ(text(delivered.at("status")), "DELIVERED");
  EXPECT_EQ(text(delivered.at("channel")), "KAKAO");
  EXPECT_EQ(delivered.at("attempts").as_int64(), 2);
  const auto& history = delivered.at("history").as_array();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(text(history.at(0).at("outcome")), "RETRYING");
  EXPECT_EQ(text(history.at(0).at("reason")), "timeout");
  EXPECT_EQ(history.at(1).at("attempt").as_int64(), 2);
  EXPECT_EQ(history.at(1).at("tries").as_int64(), 3);
}

TEST_F(Status, TellsOfTheFallback) {
  const auto id = send();
  publish_all();
  const auto notification = events::notification_id(*Uuid::parse(id), events::Channel::kKakao);
  const auto other = events::notification_id(notification, events::Channel::kSms);
  note(notification, Wire::FELL_BACK, "unavailable", 1, events::Channel::kKakao, other);
  EXPECT_EQ(text(shown(id).at("status")), "PUBLISHED");
  note(other, Wire::DELIVERED, "", 1, events::Channel::kSms);
  const auto delivered = shown(id);
  EXPECT_EQ(text(delivered.at("status")), "DELIVERED");
  EXPECT_EQ(text(delivered.at("history").as_array().at(1).at("channel")), "SMS");
}

TEST_F(Status, TellsOfTheFallbackInWhateverOrderTheResultsCome) {
  const auto id = send();
  publish_all();
  const auto notification = events::notification_id(*Uuid::parse(id), events::Channel::kKakao);
  const auto other = events::notification_id(notification, events::Channel::kSms);
  note(other, Wire::RETRYING, "timeout", 1, events::Channel::kSms);
  EXPECT_EQ(text(shown(id).at("status")), "PUBLISHED");
  note(other, Wire::DELIVERED, "", 2, events::Channel::kSms);
  EXPECT_EQ(text(shown(id).at("status")), "DELIVERED");
  for (int again = 0; again < 2; ++again) {
    note(notification, Wire::FELL_BACK, "unavailable", 1, events::Channel::kKakao, other);
    note(other, Wire::RETRYING, "timeout", 1, events::Channel::kSms);
  }
  const auto told = shown(id);
  EXPECT_EQ(text(told.at("status")), "DELIVERED");
  EXPECT_EQ(told.at("attempts").as_int64(), 3);
  const auto& history = told.at("history").as_array();
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(text(history.at(0).at("outcome")), "FELL_BACK");
  EXPECT_EQ(text(history.at(0).at("reason")), "unavailable");
  EXPECT_EQ(text(history.at(1).at("channel")), "SMS");
  EXPECT_EQ(text(history.at(1).at("outcome")), "RETRYING");
  EXPECT_EQ(text(history.at(2).at("outcome")), "DELIVERED");
  EXPECT_EQ(text(shown(other.str()).at("channel")), "SMS") << "known by its own id as well";
}

TEST_F(Status, AFallbackThatDiesIsTheLastWordUntilItsReplayDelivers) {
  const auto id = send();
  publish_all();
  const auto notification = events::notification_id(*Uuid::parse(id), events::Channel::kKakao);
  const auto other = events::notification_id(notification, events::Channel::kSms);
  note(notification, Wire::FELL_BACK, "unavailable", 1, events::Channel::kKakao, other);
  note(other, Wire::DEAD, "invalid_recipient", 1, events::Channel::kSms);
  EXPECT_EQ(text(shown(id).at("status")), "FAILED");
  EXPECT_EQ(text(shown(id).at("lastError")), "invalid_recipient");
  note(other, Wire::DELIVERED, "", 1, events::Channel::kSms, {}, 1);
  EXPECT_EQ(text(shown(id).at("status")), "DELIVERED");
  EXPECT_EQ(shown(id).at("history").as_array().size(), 3U);
}

TEST_F(Status, ADeliveryThatIsToldLateDoesNotHideTheFallback) {
  for (const bool late : {true, false}) {
    const auto id = Uuid::v7(world_.clock().now(), dice_);
    const auto other = events::notification_id(id, events::Channel::kSms);
    if (!late) note(id, Wire::DELIVERED, "", 1);
    note(id, Wire::FELL_BACK, "timeout", 1, events::Channel::kKakao, other);
    if (late) note(id, Wire::DELIVERED, "", 1);
    note(other, Wire::DELIVERED, "", 1, events::Channel::kSms);
    const auto history = shown(id.str()).at("history").as_array();
    ASSERT_EQ(history.size(), 2U);
    EXPECT_EQ(text(history.at(0).at("outcome")), "DELIVERED");
    EXPECT_EQ(text(history.at(1).at("channel")), "SMS");
  }
}

TEST_F(Status, AParentsIdIsNoMessagesId) {
  const auto parent = Uuid::v7(world_.clock().now(), dice_);
  note(events::notification_id(parent, events::Channel::kKakao), Wire::DELIVERED, "", 1);
  EXPECT_EQ(world_.get("/api/messages/" + parent.str()).status, 404);
}

TEST_F(Status, TheSameResultAgainIsNoNewsAndDeliveredIsTheLastWord) {
  const auto id = send();
  const auto notification = events::notification_id(*Uuid::parse(id), events::Channel::kKakao);
  note(notification, Wire::DEAD, "timeout", 1);
  note(notification, Wire::DEAD, "timeout", 1);
  EXPECT_EQ(text(shown(id).at("status")), "FAILED");
  EXPECT_EQ(world_.count("delivery_result"), 1);
  note(notification, Wire::DELIVERED, "", 1);
  note(notification, Wire::DEAD, "timeout", 1);
  EXPECT_EQ(text(shown(id).at("status")), "DELIVERED");
  EXPECT_EQ(world_.count("delivery_result"), 1);
}

TEST_F(Status, WhatKafkaRefusesHasFailed) {
  const auto id = send();
  world_.column(
      "INSERT INTO failed_publication (xid, sequence, id, topic, key, headers, value, reason) "
      "SELECT xid, sequence, id, topic, key, headers, value, 'too_large' FROM outbox RETURNING 'done'");
  publish_all();
  EXPECT_EQ(text(shown(id).at("status")), "FAILED");
}

TEST_F(Status, ASignupsNotificationsAreKnown) {
  const auto answer = world_.post("/api/signup", R"({"email":"a@example.com","name":"A"})");
  const auto& notifications = answer.data().at("notifications").as_array();
  ASSERT_EQ(notifications.size(), 2U);
  for (const auto& one : notifications) {
    const auto status = shown(text(one.at("notificationId")));
    EXPECT_EQ(status.at("channel"), one.at("channel"));
    EXPECT_EQ(text(status.at("status")), "ACCEPTED");
  }
  publish_all();
  EXPECT_EQ(text(shown(text(notifications.at(1).at("notificationId"))).at("status")), "PUBLISHED");
}

}  // namespace
}  // namespace bongsu::gateway
