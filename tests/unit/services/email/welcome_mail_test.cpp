#include "welcome_mail.hpp"

#include <string>

#include <gtest/gtest.h>

namespace bongsu::email {
namespace {

WelcomeMail built_in() { return WelcomeMail::load(built_in_templates(), PersonName{"봉수"}).value(); }

std::string refusal(const TemplateFiles& files) {
  const auto loaded = WelcomeMail::load(files, PersonName{"봉수"});
  return loaded ? "" : loaded.error().message;
}

TEST(WelcomeMail, TheBuiltInTemplatesAreThoseOfTheFolder) {
  EXPECT_EQ(built_in_templates(), read_templates(BONGSU_SOURCE_DIR "/services/email/templates").value());
}

TEST(WelcomeMail, KoreanMembersAreGreetedInKorean) {
  const auto written = built_in().write(PersonName{"홍길동"}, "ko");
  EXPECT_EQ(written.subject.reveal(), "홍길동 님, 가입을 환영합니다");
  EXPECT_TRUE(written.text.reveal().starts_with("안녕하세요, 홍길동 님."));
  EXPECT_TRUE(written.text.reveal().ends_with("봉수 드림"));
  EXPECT_NE(written.html.reveal().find("<strong>홍길동</strong>"), std::string::npos);
}

TEST(WelcomeMail, EnglishIsThereAndOtherLanguagesGetKorean) {
  EXPECT_EQ(built_in().write(PersonName{"Hong"}, "en").subject.reveal(), "Welcome, Hong");
  EXPECT_EQ(built_in().write(PersonName{"Hong"}, "fr").subject.reveal(), "Hong 님, 가입을 환영합니다");
}

TEST(WelcomeMail, NamesAreEscapedInHtmlAndNowhereElse) {
  const auto written = built_in().write(PersonName{"<b>Tom & \"Jerry\"</b>"}, "en");
  EXPECT_EQ(written.subject.reveal(), "Welcome, <b>Tom & \"Jerry\"</b>");
  EXPECT_EQ(written.html.reveal().find("<b>"), std::string::npos);
  EXPECT_NE(written.html.reveal().find("&lt;b&gt;Tom &amp; &quot;Jerry&quot;"), std::string::npos);
}

TEST(WelcomeMail, ANameIsNeverReadAsATemplate) {
  EXPECT_EQ(built_in().write(PersonName{"{{sender}}"}, "en").subject.reveal(), "Welcome, {{sender}}");
}

TEST(WelcomeMail, ANameCannotEndTheSubjectsLine) {
  EXPECT_EQ(built_in().write(PersonName{"Hong\r\nBcc: x@example.com"}, "en").subject.reveal(),
            "Welcome, HongBcc: x@example.com");
}

TEST(WelcomeMail, WhatIsWrongWithTheTemplatesIsToldAtStart) {
  auto files = built_in_templates();
  files.erase("welcome.en.html");
  EXPECT_EQ(refusal(files), "templates: welcome.en.html is missing");

  files = built_in_templates();
  files["welcome.ko.txt"] = "안녕하세요, {{nmae}} 님";
  EXPECT_EQ(refusal(files), "templates: welcome.ko.txt: there is no variable {{nmae}}");

  files["welcome.ko.txt"] = "{{#name}}never closed";
  EXPECT_TRUE(refusal(files).starts_with("templates: welcome.ko.txt: "));

  files["welcome.ko.txt"] = "{{> footer}}";
  EXPECT_EQ(refusal(files), "templates: welcome.ko.txt: there is no variable {{> footer}}");
}

TEST(WelcomeMail, AFolderThatIsNotThereIsNamed) {
  const auto read = read_templates("/nowhere/at/all");
  ASSERT_FALSE(read);
  EXPECT_TRUE(read.error().message.starts_with("templates: /nowhere/at/all: "));
}

}  // namespace
}  // namespace bongsu::email
