#include "member_file.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace bongsu::ctl {
namespace {

/// "2 {json}" or "3 malformed" for each line.
std::vector<std::string> read(const std::string& text) {
  std::istringstream in{text};
  auto file = MemberFile::open(in);
  if (!file) return {"refused: " + file.error().message};
  std::vector<std::string> lines;
  while (true) {
    const auto line = file->next();
    if (line && !*line) return lines;
    lines.push_back(std::to_string(file->line_number()) + " " + (line ? (*line)->json : line.error().detail));
  }
}

using Lines = std::vector<std::string>;

TEST(MemberFile, ReadsCsvByItsHeader) {
  EXPECT_EQ(
      read("email,name,phone,consent_marketing,consent_night\r\n"
           "a@example.com,홍길동,,Y,false\r\n"
           "\r\n"
           "b@example.com,\"Kim, \"\"Bob\"\"\",010-1234-5678,,\r\n"),
      (Lines{R"(2 {"email":"a@example.com","name":"홍길동","consents":{"marketing":true,"night":false}})",
             R"(4 {"email":"b@example.com","name":"Kim, \"Bob\"","phone":"010-1234-5678"})"}));
}

TEST(MemberFile, AQuotedFieldMayHoldALinesEnd) {
  EXPECT_EQ(read("name,email\n\"two\nlines\",a@example.com\nx,b@example.com"),
            (Lines{R"(2 {"name":"two\nlines","email":"a@example.com"})",
                   R"(4 {"name":"x","email":"b@example.com"})"}));
}

TEST(MemberFile, ABadLineIsToldAndTheNextOneRead) {
  EXPECT_EQ(
      read("email,name,consent_night\na@example.com\nb@example.com,B,perhaps\nc@example.com,C,\n\"open,d\n"),
      (Lines{"2 malformed", "3 invalid_value", R"(4 {"email":"c@example.com","name":"C"})", "5 malformed"}));
}

TEST(MemberFile, ReadsNdjsonAsItIs) {
  EXPECT_EQ(read("{\"email\":\"a@example.com\"}\n\n{broken\n"),
            (Lines{R"(1 {"email":"a@example.com"})", "3 {broken"}));
  EXPECT_EQ(read(""), Lines{});
}

TEST(MemberFile, AByteOrderMarkIsNoPartOfTheHeader) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "email\na@example.com\n"),
            (Lines{R"(2 {"email":"a@example.com"})"}));
}

TEST(MemberFile, RefusesAHeaderThatItDoesNotKnow) {
  EXPECT_TRUE(
      read("email,nmae\n").at(0).starts_with("refused: line 1: unknown column 'nmae'; known are user_id, "));
  EXPECT_EQ(read("email,email\n").at(0), "refused: column 'email' stands in the header twice");
  EXPECT_EQ(read("name\n").at(0), "refused: the header has no column 'email'");
}

}  // namespace
}  // namespace bongsu::ctl
