#include "email_channel.hpp"

#include <string>

#include <gtest/gtest.h>
#include <support/run.hpp>
#include <support/smtp/smtp_world.hpp>

namespace bongsu::email {
namespace {

struct World {
  asio::io_context io;
  support::SmtpWorld smtp;
  SystemClock clock;
  smtp::Client client{io.get_executor(), {.url = smtp.url(), .timeout = std::chrono::seconds{30}}};
  EmailChannel channel{client,
                       clock,
                       Sender{},
                       WelcomeMail::load(built_in_templates(), PersonName{"봉수"}).value(),
                       std::chrono::seconds{5},
                       20};
  delivery::Notification notification;

  World() {
    notification.id = Uuid::parse("0193a1b2-0000-8000-8000-000000000001").value();
    notification.recipient = Recipient{"hong@example.com"};
    notification.subject = PrivateText{"안내"};
    notification.text = PrivateText{"본문"};
  }
  Result<delivery::Receipt> send() {
    return support::run(io, channel.send(notification), std::chrono::seconds{60});
  }
};

TEST(EmailChannel, TheWelcomeMailArrivesWithBothParts) {
  World world;
  const auto greeting = world.channel.greet({.member_id = "m1",
                                             .email = EmailAddress{"hong@example.com"},
                                             .name = PersonName{"홍길동"},
                                             .locale = "ko"});
  world.notification.subject = greeting->subject;
  world.notification.text = greeting->text;
  world.notification.html = greeting->html;
  ASSERT_TRUE(world.channel.validate(world.notification));
  ASSERT_TRUE(world.send());
  const auto mail = world.smtp.wait_for(1).front();
  EXPECT_EQ(mail.header("Subject"), "홍길동 님, 가입을 환영합니다");
  EXPECT_EQ(mail.header("From"), "봉수 <no-reply@bongsu.example>");
  EXPECT_EQ(mail.header("To"), "<hong@example.com>");
  EXPECT_TRUE(mail.part("text/plain").starts_with("안녕하세요, 홍길동 님."));
  EXPECT_NE(mail.part("text/html").find("<strong>홍길동</strong>"), std::string::npos);
}

TEST(EmailChannel, TheSameNotificationAlwaysHasTheSameMessageId) {
  World world;
  ASSERT_TRUE(world.send());
  ASSERT_TRUE(world.send());
  const auto mails = world.smtp.wait_for(2);
  EXPECT_EQ(mails[0].header("Message-ID"), "<0193a1b2-0000-8000-8000-000000000001@bongsu.example>");
  EXPECT_EQ(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
}

TEST(EmailChannel, AMailWithoutSubjectCarriesTheSendersName) {
  World world;
  world.notification.subject = {};
  ASSERT_TRUE(world.send());
  EXPECT_EQ(world.smtp.wait_for(1).front().header("Subject"), "봉수");
}

TEST(EmailChannel, WhatTheServerSaysBecomesWhatFollows) {
  World world;
  world.notification.recipient = Recipient{"bounce-1@example.com"};
  EXPECT_EQ(world.send().error().code, ErrorCode::kNotFound);
  world.notification.recipient = Recipient{"defer-1@example.com"};
  EXPECT_EQ(world.send().error().code, ErrorCode::kUnavailable);
  world.notification.recipient = Recipient{"drop-1@example.com"};
  EXPECT_EQ(world.send().error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(support::run(world.io, world.channel.probe()));
}

}  // namespace
}  // namespace bongsu::email
