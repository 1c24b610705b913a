#include <bongsu/core/bytes.hpp>
#include <bongsu/smtp/mail.hpp>

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::smtp {
namespace {

Mail welcome() {
  return Mail{.message_id = "0193a1b2-0000-8000-8000-000000000001@mail.example.com",
              .from = EmailAddress{"no-reply@example.com"},
              .from_name = PersonName{"봉수"},
              .to = EmailAddress{"hong@example.com"},
              .subject = PrivateText{"환영합니다"},
              .text = PrivateText{"안녕하세요\n"},
              .html = PrivateText{},
              .extra = {},
              .date = Timestamp{std::chrono::milliseconds{1795233323120}}};
}

std::string body_of(const std::string& message) { return message.substr(message.find("\r\n\r\n") + 4); }

std::string without_breaks(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
  return text;
}

TEST(Compose, AKoreanMailHasEveryFieldOnce) {
  EXPECT_EQ(compose(welcome()).value(),
            "Date: Sat, 21 Nov 2026 03:55:23 +0000\r\n"
            "From: =?UTF-8?B?67SJ7IiY?=\r\n <no-reply@example.com>\r\n"
            "To: <hong@example.com>\r\n"
            "Message-ID: <0193a1b2-0000-8000-8000-000000000001@mail.example.com>\r\n"
            "Subject: =?UTF-8?B?7ZmY7JiB7ZWp64uI64uk?=\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n"
            "7JWI64WV7ZWY7IS47JqUDQo=\r\n");
}

TEST(Compose, AsciiTextStaysReadable) {
  auto mail = welcome();
  mail.text = PrivateText{"Hello,\n.dots and all\r\rBye"};
  const auto message = compose(mail).value();
  EXPECT_NE(message.find("Content-Transfer-Encoding: 7bit"), std::string::npos);
  EXPECT_EQ(body_of(message), "Hello,\r\n.dots and all\r\n\r\nBye\r\n");
}

TEST(Compose, HtmlMakesItAnAlternativeWithBothParts) {
  auto mail = welcome();
  mail.html = PrivateText{"<p>안녕하세요</p>"};
  const auto message = compose(mail).value();
  EXPECT_EQ(message, compose(mail).value());
  const auto begin = message.find("boundary=\"") + 10;
  const auto boundary = "--" + message.substr(begin, message.find('"', begin) - begin);
  const auto body = body_of(message);
  EXPECT_TRUE(body.starts_with(boundary + "\r\nContent-Type: text/plain"));
  EXPECT_NE(body.find("\r\n" + boundary + "\r\nContent-Type: text/html"), std::string::npos);
  EXPECT_TRUE(body.ends_with("\r\n" + boundary + "--\r\n"));
}

TEST(Compose, ABodyThatHoldsTheBoundaryGetsAnother) {
  auto mail = welcome();
  mail.html = PrivateText{"<p>hi</p>"};
  const auto first = compose(mail).value();
  const auto begin = first.find("boundary=\"") + 10;
  const auto boundary = first.substr(begin, first.find('"', begin) - begin);
  mail.text = PrivateText{"--" + boundary + "--"};
  EXPECT_EQ(compose(mail).value().find("boundary=\"" + boundary), std::string::npos);
}

TEST(Compose, NothingCanAddAHeaderFieldOrARecipient) {
  const auto refused = [](auto change) {
    auto mail = welcome();
    change(mail);
    const auto message = compose(mail);
    return message ? std::string{"taken"} : message.error().detail;
  };
  EXPECT_EQ(refused([](Mail& m) { m.subject = PrivateText{"Hi\r\nBcc: x@example.com"}; }), "subject");
  EXPECT_EQ(refused([](Mail& m) { m.subject = PrivateText{"Hi\nthere"}; }), "subject");
  EXPECT_EQ(refused([](Mail& m) { m.subject = PrivateText{"\xC3"}; }), "subject");
  EXPECT_EQ(refused([](Mail& m) { m.from_name = PersonName{"A\rB"}; }), "from_name");
  EXPECT_EQ(refused([](Mail& m) { m.to = EmailAddress{"a@example.com>\r\nRCPT TO:<b@example.com"}; }), "to");
  EXPECT_EQ(refused([](Mail& m) { m.from = EmailAddress{"a@example.com, b@example.com"}; }), "from");
  EXPECT_EQ(refused([](Mail& m) { m.message_id = "a b@c"; }), "message_id");
  EXPECT_EQ(refused([](Mail& m) { m.message_id = "a>\r\nX: y"; }), "message_id");
  EXPECT_EQ(refused([](Mail& m) { m.extra = {{"X-A", "1\r\nX-B: 2"}}; }), "extra");
  EXPECT_EQ(refused([](Mail& m) { m.extra = {{"X-A: 1\r\nX-B", "2"}}; }), "extra");
  EXPECT_EQ(refused([](Mail& m) { m.text = PrivateText{"\xFF"}; }), "text");
  EXPECT_EQ(refused([](Mail& m) { m.html = PrivateText{std::string("a\0b", 3)}; }), "html");
}

TEST(Compose, NoLineIsLongAndEveryBreakIsCrlf) {
  EXPECT_TRUE(rc::check([] {
    auto mail = welcome();
    const auto piece = rc::gen::element<std::string>("봉수 ", "x", "\n", "\r\n", "\r", ".", " ", "안녕하세요",
                                                     "-", std::string(90, 'w'), std::string(1100, 'y'));
    const auto text_of = [&](const std::vector<std::string>& pieces) {
      std::string text;
      for (const auto& part : pieces) text += part;
      return text;
    };
    mail.text = PrivateText{text_of(*rc::gen::container<std::vector<std::string>>(piece))};
    mail.html = PrivateText{text_of(*rc::gen::container<std::vector<std::string>>(piece))};
    const auto message = compose(mail).value();
    RC_ASSERT(message.ends_with("\r\n"));
    std::size_t begin = 0;
    while (begin < message.size()) {
      const auto end = message.find("\r\n", begin);
      const auto line = std::string_view{message}.substr(begin, end - begin);
      RC_ASSERT(line.find_first_of("\r\n") == std::string_view::npos);
      RC_ASSERT(line.size() <= 76U);
      begin = end + 2;
    }
  }));
}

TEST(Compose, Base64HoldsTheTextWithItsBreaksMadeCrlf) {
  EXPECT_TRUE(rc::check([] {
    auto mail = welcome();
    const auto lines = *rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("가나다", "", ".", std::string(200, 'q')));
    std::string text = "한글\n";
    std::string canonical = "한글\r\n";
    for (const auto& line : lines) {
      text += line + "\n";
      canonical += line + "\r\n";
    }
    mail.text = PrivateText{text};
    RC_ASSERT(from_base64(without_breaks(body_of(compose(mail).value()))).value() == canonical);
  }));
}

}  // namespace
}  // namespace bongsu::smtp
