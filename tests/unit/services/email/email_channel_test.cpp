#include "email_channel.hpp"

#include <string>

#include <gtest/gtest.h>

namespace bongsu::email {
namespace {

struct World {
  asio::io_context io;
  SystemClock clock;
  smtp::Client client{io.get_executor(), {}};
  EmailChannel channel{client,
                       clock,
                       Sender{},
                       WelcomeMail::load(built_in_templates(), PersonName{"봉수"}).value(),
                       std::chrono::seconds{5},
                       20};

  Result<void> validate(const std::string& recipient, const std::string& subject, const std::string& text) {
    delivery::Notification notification;
    notification.recipient = Recipient{recipient};
    notification.subject = PrivateText{subject};
    notification.text = PrivateText{text};
    return channel.validate(notification);
  }
};

TEST(EmailChannel, AMailToAMailboxIsFine) {
  World world;
  EXPECT_TRUE(world.validate("hong@example.com", "환영합니다", "안녕하세요\n"));
  EXPECT_TRUE(world.validate("hong@example.com", "", "no subject"));
}

TEST(EmailChannel, ARecipientThatIsNoMailboxIsNotFound) {
  World world;
  for (const auto* recipient : {"", "010-1234-5678", "hong", "a@b.com\r\nRCPT TO:<c@d.com>"}) {
    const auto refused = world.validate(recipient, "Hi", "text");
    ASSERT_FALSE(refused) << recipient;
    EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  }
}

TEST(EmailChannel, WhatCannotStandInAMailBreaksARule) {
  World world;
  EXPECT_EQ(world.validate("hong@example.com", "Hi\r\nBcc: x@example.com", "text").error().detail, "subject");
  EXPECT_EQ(world.validate("hong@example.com", "Hi", "").error().detail, "content");
  EXPECT_EQ(world.validate("hong@example.com", "Hi", "\xFF").error().detail, "content");
  EXPECT_EQ(world.validate("hong@example.com", "Hi", "\xFF").error().code, ErrorCode::kInvalidArgument);
}

TEST(EmailChannel, ANewMemberIsGreetedAtTheirAddress) {
  World world;
  const auto greeting = world.channel.greet({.member_id = "m1",
                                             .email = EmailAddress{"hong@example.com"},
                                             .name = PersonName{"홍길동"},
                                             .locale = "ko"});
  ASSERT_TRUE(greeting);
  EXPECT_EQ(greeting->recipient.reveal(), "hong@example.com");
  EXPECT_EQ(greeting->subject.reveal(), "홍길동 님, 가입을 환영합니다");
  EXPECT_TRUE(greeting->campaign_id.empty());
}

}  // namespace
}  // namespace bongsu::email
