// The client against the mail catcher of deploy/local.
#include <bongsu/smtp/client.hpp>

#include <string>

#include <gtest/gtest.h>
#include <support/run.hpp>
#include <support/smtp/smtp_world.hpp>

namespace bongsu::smtp {
namespace {

struct World {
  asio::io_context io;
  support::SmtpWorld smtp;
  Client client{io.get_executor(), {.url = smtp.url(), .timeout = std::chrono::seconds{25}}};

  Result<Receipt> send(const std::string& to) {
    Mail mail;
    mail.message_id = "1@example.com";
    mail.from = EmailAddress{"no-reply@example.com"};
    mail.from_name = PersonName{"봉수"};
    mail.to = EmailAddress{to};
    mail.subject = PrivateText{"홍길동 님, 봉수에 오신 것을 진심으로 환영합니다. 앞으로 잘 부탁드립니다"};
    mail.text = PrivateText{"안녕하세요, 홍길동 님\n.점으로 시작하는 줄\n"};
    mail.html = PrivateText{"<p>안녕하세요</p>"};
    return support::run(io, client.send(mail));
  }
};

TEST(Catcher, AKoreanMailArrivesAsItWasWritten) {
  World world;
  ASSERT_TRUE(world.send("hong@example.com"));
  const auto mail = world.smtp.wait_for(1).front();
  EXPECT_EQ(mail.header("Subject"),
            "홍길동 님, 봉수에 오신 것을 진심으로 환영합니다. 앞으로 잘 부탁드립니다");
  EXPECT_EQ(mail.header("From"), "봉수 <no-reply@example.com>");
  EXPECT_EQ(mail.header("To"), "<hong@example.com>");
  EXPECT_EQ(mail.header("Message-ID"), "<1@example.com>");
  EXPECT_EQ(mail.part("text/plain"), "안녕하세요, 홍길동 님\n.점으로 시작하는 줄\n");
  EXPECT_EQ(mail.part("text/html"), "<p>안녕하세요</p>\n");
}

TEST(Catcher, RecipientsThatItRefusesDefersOrDropsAreToldApart) {
  World world;
  const auto bounced = world.send("bounce-1@example.com");
  ASSERT_FALSE(bounced);
  EXPECT_EQ(bounced.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(bounced.error().detail, "550");
  const auto deferred = world.send("defer-1@example.com");
  ASSERT_FALSE(deferred);
  EXPECT_EQ(deferred.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(deferred.error().detail, "451");
  EXPECT_EQ(deferred.error().sent, Sent::kNo);
  const auto dropped = world.send("drop-1@example.com");
  ASSERT_FALSE(dropped);
  EXPECT_EQ(dropped.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(world.send("hong@example.com"));
  EXPECT_EQ(world.smtp.wait_for(1).size(), 1U);
}

TEST(Catcher, AServerThatWasAwayIsFoundAgain) {
  World world;
  ASSERT_TRUE(world.send("hong@example.com"));
  world.smtp.kill();
  const auto away = world.send("hong@example.com");
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(away.error().sent, Sent::kNo);
  world.smtp.start();
  ASSERT_TRUE(world.send("hong@example.com"));
  EXPECT_EQ(world.smtp.wait_for(2).size(), 2U);
}

}  // namespace
}  // namespace bongsu::smtp
