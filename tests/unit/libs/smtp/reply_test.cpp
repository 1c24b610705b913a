#include "reply.hpp"

#include "envelope.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bongsu::smtp {
namespace {

TEST(ReplyReader, RepliesComeOutHoweverTheBytesCameIn) {
  const std::string stream =
      "250-mail.example.com\r\n250-PIPELINING\r\n250 SIZE 1000\r\n354 go on\r\n250\r\n";
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    ReplyReader reader;
    std::vector<Reply> replies;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      reader.feed(std::string_view{stream}.substr(at, step));
      while (auto reply = reader.next().value()) replies.push_back(*reply);
    }
    ASSERT_EQ(replies.size(), 3U) << step;
    EXPECT_EQ(replies[0].code, 250);
    EXPECT_EQ(replies[0].text, "SIZE 1000");
    EXPECT_EQ(replies[1].code, 354);
    EXPECT_EQ(replies[2].text, "");
  }
}

TEST(ReplyReader, WhatIsNoReplyIsAnError) {
  for (const auto* stream : {"HTTP/1.1 400 Bad Request\r\n", "25\r\n", "\r\n", "2500 x\r\n", "150 hm\r\n"}) {
    ReplyReader reader;
    reader.feed(stream);
    EXPECT_FALSE(reader.next().has_value()) << stream;
  }
}

TEST(ReplyReader, AReplyWithoutEndIsAnError) {
  ReplyReader reader;
  reader.feed("250-" + std::string(70000, 'x'));
  EXPECT_FALSE(reader.next().has_value());
}

TEST(FailureOf, EachCodeMeansWhatTheDeliveryMakesOfIt) {
  const auto meaning = [](int code) { return failure_of({.code = code, .text = "said"}, "RCPT").code; };
  for (const int code : {421, 450, 451, 452, 454}) EXPECT_EQ(meaning(code), ErrorCode::kUnavailable) << code;
  for (const int code : {530, 534, 535, 538}) EXPECT_EQ(meaning(code), ErrorCode::kUnauthorized) << code;
  for (const int code : {550, 551, 553}) EXPECT_EQ(meaning(code), ErrorCode::kNotFound) << code;
  for (const int code : {500, 501, 552, 554, 555}) EXPECT_EQ(meaning(code), ErrorCode::kRejected) << code;
}

TEST(FailureOf, TheServersWordsStayOut) {
  const auto error = failure_of({.code = 550, .text = "5.1.1 <hong@example.com> unknown"}, "RCPT");
  EXPECT_EQ(error.detail, "550");
  EXPECT_EQ(error.message, "smtp: RCPT was answered with 550");
  EXPECT_EQ(error.sent, Sent::kNo);
}

TEST(QueueId, OnlyATokenIsTaken) {
  EXPECT_EQ(queue_id_of("2.0.0 Ok: queued as 4F1C2A0B3D"), "4F1C2A0B3D");
  EXPECT_EQ(queue_id_of("OK queued as a-1_b <hong@example.com>"), "a-1_b");
  EXPECT_EQ(queue_id_of("2.0.0 fine"), "");
  EXPECT_EQ(queue_id_of("queued as " + std::string(100, 'a')), "");
}

TEST(DotStuffed, EveryLineThatBeginsWithADotGetsASecond) {
  EXPECT_EQ(dot_stuffed("a\r\n"), "a\r\n.\r\n");
  EXPECT_EQ(dot_stuffed(".\r\n..\r\n.a\r\nb.\r\n"), "..\r\n...\r\n..a\r\nb.\r\n.\r\n");
}

}  // namespace
}  // namespace bongsu::smtp
