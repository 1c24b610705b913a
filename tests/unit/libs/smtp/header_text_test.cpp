#include "header_text.hpp"

#include <bongsu/core/bytes.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::smtp {
namespace {

std::vector<std::string> lines_of(const std::string& value) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (auto end = value.find("\r\n"); end != std::string::npos; end = value.find("\r\n", begin)) {
    lines.push_back(value.substr(begin, end - begin));
    begin = end + 2;
  }
  lines.push_back(value.substr(begin));
  return lines;
}

/// What a reader makes of encoded words: the text, white space between two of them dropped.
std::string decoded(const std::string& value) {
  if (!value.starts_with("=?")) return value;
  std::string text;
  for (auto line : lines_of(value)) {
    if (line.starts_with(' ')) line.erase(0, 1);
    RC_ASSERT(line.starts_with("=?UTF-8?B?"));
    RC_ASSERT(line.ends_with("?="));
    RC_ASSERT(line.size() <= 75U);
    const auto part = from_base64(std::string_view{line}.substr(10, line.size() - 12)).value();
    RC_ASSERT(is_utf8(part));  // no character is split
    text += part;
  }
  return text;
}

std::string append_utf8(std::string text, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  }
  return text;
}

rc::Gen<std::string> any_text() {
  const auto character = rc::gen::oneOf(
      rc::gen::inRange<std::uint32_t>(0x20, 0x7F), rc::gen::inRange<std::uint32_t>(0xA0, 0x800),
      rc::gen::inRange<std::uint32_t>(0xAC00, 0xD7A4), rc::gen::inRange<std::uint32_t>(0x1F300, 0x1F700));
  return rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(character), [](const auto& characters) {
    std::string text;
    for (const auto c : characters) text = append_utf8(std::move(text), c);
    return text;
  });
}

TEST(HeaderText, AnyTextComesBackFromItsEncodedWords) {
  EXPECT_TRUE(rc::check([] {
    const auto text = *any_text();
    const auto column = *rc::gen::inRange<std::size_t>(0, 30);
    const auto value = header_text(text, column);
    RC_ASSERT(decoded(value) == text);
    auto room = 76 - column;
    for (const auto& line : lines_of(value)) {
      RC_ASSERT(line.size() <= room);
      room = 76;
    }
  }));
}

TEST(HeaderText, ShortAsciiStaysReadable) {
  EXPECT_EQ(header_text("Welcome to Bongsu", 9), "Welcome to Bongsu");
  EXPECT_EQ(header_text("", 9), "");
}

TEST(HeaderText, WhatLooksLikeAnEncodedWordIsEncoded) {
  EXPECT_TRUE(header_text("=?UTF-8?B?aGk=?=", 9).starts_with("=?UTF-8?B?PT9V"));
}

TEST(DisplayName, AsciiIsQuotedAndItsQuotesAreEscaped) {
  EXPECT_EQ(display_name("Bongsu, \"the\" post", 6), R"("Bongsu, \"the\" post")");
}

TEST(DisplayName, KoreanIsEncoded) { EXPECT_EQ(display_name("봉수", 6), "=?UTF-8?B?67SJ7IiY?="); }

}  // namespace
}  // namespace bongsu::smtp
