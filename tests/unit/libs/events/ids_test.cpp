#include <bongsu/events/ids.hpp>

#include <gmock/gmock.h>

namespace bongsu::events {
namespace {

const Timestamp kTime{std::chrono::milliseconds{1'763'697'323'120}};  // 2025-11-21T03:55:23.120Z
const std::string kUser = "019aa46b-a0f0-7abc-8def-0123456789ab";     // version 7, of about that time

// The golden values: they may never change, or what is published again gets a second id.
TEST(Ids, OfNotificationsAreStable) {
  EXPECT_EQ(notification_id(kUser, kTime, Channel::kEmail).str(), "019aa46b-a0f0-894b-a7eb-c69602568233");
  EXPECT_EQ(notification_id("member-1", kTime, Channel::kEmail).str(),
            "019aa48d-6c70-801e-9455-44a40e860e86");
  EXPECT_EQ(request_id("/shop", "e-1", kTime, Channel::kSms).str(), "019aa48d-6c70-8915-9a54-a14f0ffcb00f");
  EXPECT_EQ(bulk_notification_id(*Uuid::parse(kUser), "member-1", Channel::kKakao).str(),
            "019aa46b-a0f0-892d-919d-24ee3252af61");
  EXPECT_EQ(letter_id(*Uuid::parse(kUser), 2).str(), "019aa46b-a0f0-87da-a101-666cce7a69e1");
  EXPECT_EQ(letter_id("bongsu.email.dlq", "bongsu.user.signed-up", 3, 42).str(),
            "00000000-0000-8536-a631-982d727a8d9a");
}

TEST(Ids, TakeTheParentsOwnTimeWhenItHasOne) {
  const auto later = kTime + std::chrono::hours{5};
  const auto parent = Uuid::parse(kUser)->time();
  EXPECT_EQ(notification_id(kUser, later, Channel::kEmail).time(), parent);
  EXPECT_EQ(parent_time(kUser, later), parent);
  EXPECT_EQ(notification_id("member-1", later, Channel::kEmail).time(), later);
  // Version 4 carries no time.
  EXPECT_EQ(parent_time("4b4b7ef6-3b7f-4d0a-9a53-3b1f4a6f2f5e", later), later);
  EXPECT_EQ(notification_id(kUser, kTime, Channel::kEmail).version(), 8);
}

TEST(Ids, DoNotDependOnTheCaseOfAUuid) {
  std::string upper = kUser;
  for (auto& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(notification_id(upper, kTime, Channel::kSms), notification_id(kUser, kTime, Channel::kSms));
  EXPECT_EQ(notification_id(*Uuid::parse(kUser), Channel::kSms),
            notification_id(kUser, kTime, Channel::kSms));
}

TEST(Ids, DifferByChannelParentAndGeneration) {
  EXPECT_NE(notification_id(kUser, kTime, Channel::kEmail), notification_id(kUser, kTime, Channel::kCoupon));
  EXPECT_NE(notification_id("a", kTime, Channel::kEmail), notification_id("b", kTime, Channel::kEmail));
  EXPECT_NE(letter_id(*Uuid::parse(kUser), 0), letter_id(*Uuid::parse(kUser), 1));
  EXPECT_NE(letter_id("d", "t", 1, 11), letter_id("d", "t", 11, 1));
  EXPECT_NE(letter_id("email.dlq", "t", 1, 1), letter_id("coupon.dlq", "t", 1, 1))
      << "one record, two who cannot read it";
}

}  // namespace
}  // namespace bongsu::events
