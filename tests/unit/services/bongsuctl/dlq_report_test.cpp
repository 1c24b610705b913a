#include "dlq/letter_choice.hpp"
#include "dlq/letter_report.hpp"
#include "dlq/replay_command.hpp"
#include "dlq/replay_report.hpp"

#include <sstream>

#include <gmock/gmock.h>

namespace bongsu::ctl {
namespace {

using namespace std::chrono_literals;
using namespace deadletters::v1;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string table(const Report& report) {
  std::ostringstream out;
  print(report, Format::kTable, out);
  return out.str();
}

const Timestamp kNow{1'700'000'000s};

DeadLetter letter() {
  DeadLetter made;
  made.set_name("deadLetters/7f");
  made.set_state(DeadLetter::OPEN);
  made.set_channel("KAKAO");
  made.set_reason("unavailable");
  made.set_recipient("***-****-1001");
  made.set_topic("bongsu.kakao.dlq");
  made.set_partition(2);
  made.set_offset(41);
  made.mutable_died_time()->set_seconds(1'700'000'000);
  auto& header = *made.add_headers();
  header.set_name("bongsu-reason");
  header.set_value("unavailable");
  auto& died = *made.add_history();
  died.set_event("DIED");
  died.set_reason("unavailable");
  made.mutable_value()->set_content("Hello\nWorld");
  made.mutable_value()->set_size_bytes(1234);
  made.mutable_value()->set_hex("00ff");
  return made;
}

Replay plan() {
  Replay made;
  made.set_name("replays/r1");
  made.set_state(Replay::PLANNED);
  made.set_digest("abc");
  made.set_total_count(1'200);
  made.set_waiting_count(1'200);
  auto& timeout = *made.add_counts();
  timeout.set_reason("timeout");
  timeout.set_count(1'200);
  auto& warning = *made.add_warnings();
  warning.set_code("too_old");
  warning.set_count(3);
  warning.set_message("3 would die as expired");
  made.mutable_expire_time()->set_seconds(1'700'000'600);
  return made;
}

TEST(LetterChoice, BecomesTheServicesFilter) {
  LetterChoice choice;
  EXPECT_FALSE(choice.has_filter());
  choice.channels = {"KAKAO", "SMS"};
  choice.job = "j1";
  choice.replay = "replays/r1";
  choice.from = "2h";
  choice.to = "2023-11-14T22:13:20Z";
  choice.states = {"DEAD_AGAIN"};
  EXPECT_TRUE(choice.has_filter());
  const auto filter = filter_of(choice, kNow);
  ASSERT_TRUE(filter) << filter.error().message;
  EXPECT_THAT(filter->channels(), ElementsAre("KAKAO", "SMS"));
  EXPECT_EQ(filter->job(), "jobs/j1");
  EXPECT_EQ(filter->replay(), "replays/r1");
  EXPECT_EQ(filter->from().seconds(), 1'700'000'000 - 7'200);
  EXPECT_EQ(filter->to().seconds(), 1'700'000'000);
  EXPECT_THAT(filter->states(), ElementsAre(DeadLetter::DEAD_AGAIN));
}

TEST(LetterChoice, ATimeOrStateThatIsNoneIsRefusedWithWhatToWrite) {
  EXPECT_THAT(filter_of({.from = "yesterday"}, kNow).error().message,
              AllOf(HasSubstr("--from"), HasSubstr("2h")));
  EXPECT_THAT(filter_of({.states = {"LOST"}}, kNow).error().message, HasSubstr("DISCARDED"));
}

TEST(LetterReport, StatsAreBarsAndNothingThereIsIsWithoutOne) {
  SummarizeDeadLettersResponse summary;
  summary.set_total_count(1'001);
  for (const auto& [key, count] : std::map<std::string, int>{{"KAKAO", 1'000}, {"SMS", 1}}) {
    auto& channel = *summary.add_channels();
    channel.set_key(key);
    channel.set_count(count);
  }
  summary.add_jobs()->set_count(1'001);
  auto& hour = *summary.add_hours();
  hour.mutable_hour()->set_seconds(1'700'000'000 - 800);
  hour.set_count(1'001);
  const auto text = table(report_of(summary));
  EXPECT_THAT(text, HasSubstr("1,001 letters\n\nCHANNEL\n"));
  EXPECT_THAT(text, HasSubstr("KAKAO                    1,000   99 %  " + std::string(30, '#') + "\n"));
  EXPECT_THAT(text, HasSubstr("SMS                          1    0 %  #\n"));
  EXPECT_THAT(text, HasSubstr("(no job)"));
  EXPECT_THAT(text, HasSubstr("2023-11-14 22:00"));
  EXPECT_THAT(report_of(summary).json, HasSubstr("\"totalCount\":\"1001\""));
  EXPECT_EQ(table(report_of(SummarizeDeadLettersResponse{})), "0 letters\n");
}

TEST(LetterReport, AListNamesEachByItsIdAlone) {
  const auto report = report_of(std::vector{letter()});
  EXPECT_THAT(table(report), AllOf(HasSubstr("7f  2023-11-14T22:13:20Z  KAKAO"), HasSubstr("***-****-1001")));
  EXPECT_THAT(report.json, HasSubstr("\"name\":\"deadLetters/7f\""));
  EXPECT_EQ(report_of(std::vector<DeadLetter>{}).json, "[]");
}

TEST(LetterReport, ALetterTellsWhyWhereWhatAndWhatHappened) {
  const auto text = table(report_of(letter(), false));
  EXPECT_THAT(text, HasSubstr("bongsu.kakao.dlq, partition 2, offset 41"));
  EXPECT_THAT(text, AllOf(HasSubstr("VALUE (masked)"), HasSubstr("Hello\n    World")));
  EXPECT_THAT(text, AllOf(HasSubstr("HEADERS\nbongsu-reason  unavailable"), HasSubstr("HISTORY")));
  // Sealed bytes tell nobody anything.
  EXPECT_THAT(text, Not(HasSubstr("BYTES")));
  EXPECT_THAT(table(report_of(letter(), true)), HasSubstr("000000  00 ff "));
}

TEST(LetterReport, AnUndecodableOneIsShownAsHexAndTextOrSaysHow) {
  auto poison = letter();
  poison.mutable_value()->Clear();
  poison.mutable_value()->set_unreadable_because("no protobuf");
  poison.mutable_value()->set_size_bytes(1'048'576);
  EXPECT_THAT(table(report_of(poison, false)), AllOf(HasSubstr("no protobuf"), HasSubstr("--reveal")));
  std::string hex;
  for (int i = 0; i < 600; ++i) hex += "41";
  poison.mutable_value()->set_hex(hex);
  poison.mutable_value()->set_revealed(true);
  poison.mutable_value()->set_truncated(true);
  const auto glance = table(report_of(poison, false));
  EXPECT_THAT(glance,
              AllOf(HasSubstr("|AAAAAAAAAAAAAAAA|"), HasSubstr("0001f0  41"), Not(HasSubstr("000200  41")),
                    HasSubstr("1,048,576 bytes in all; more with --bytes")));
  EXPECT_THAT(table(report_of(poison, true)),
              AllOf(HasSubstr("000250  41"), HasSubstr("the rest with kcat")));
}

TEST(LetterReport, WhatComesFromElsewhereCannotPlayTricksOnATerminal) {
  EXPECT_EQ(shown("a\x1B[2Jb\x7F\r\nc한글"), "a\\x1b[2Jb\\x7f\\x0d\n    c한글");
  EXPECT_EQ(dump_of("1b5b41zz", 10), "000000  1b 5b 41                                          |.[A|\n");
}

TEST(ReplayReport, ThePlanTellsCountsWarningsAndTheExactNextCommand) {
  EXPECT_EQ(plan_of(plan(), kNow),
            "1,200 letters would be sent again\n"
            "        1,200  timeout\n"
            "  careful: 3 would die as expired [too_old]\n"
            "plan    replays/r1\n"
            "digest  abc\n"
            "until   2023-11-14T22:23:20Z (for 10 min 0 s)\n");
  EXPECT_EQ(next_command(plan()), "bongsuctl dlq replay replays/r1 --digest abc");
}

TEST(ReplayReport, TheBarTellsOutcomesAndTheTimeThatIsLeft) {
  auto running = plan();
  running.set_state(Replay::RUNNING);
  running.set_rate_per_second(100);
  running.set_waiting_count(1'000);
  running.set_delivered_count(150);
  running.set_dead_again_count(10);
  running.set_replaying_count(40);
  EXPECT_NEAR(step_of(running).done, 160.0 / 1'200, 1e-9);
  EXPECT_EQ(step_of(running).text,
            "RUNNING 150 of 1,200 delivered, 10 died again, 40 on their way, about 10 s left");
  running.set_canaries(Replay::AWAITED);
  EXPECT_THAT(step_of(running).text, HasSubstr("the canary's outcomes are awaited"));
}

TEST(ReplayReport, WentWellIsThatNobodyDiedAgain) {
  auto ended = plan();
  EXPECT_FALSE(has_ended(ended));
  ended.set_state(Replay::COMPLETED);
  EXPECT_TRUE(went_well(ended));
  ended.set_dead_again_count(1);
  EXPECT_FALSE(went_well(ended));
  ended.set_state(Replay::HALTED);
  ended.set_dead_again_count(0);
  EXPECT_TRUE(has_ended(ended));
  EXPECT_FALSE(went_well(ended));
}

std::vector<std::string> told(const Result<std::vector<NewRecipient>>& repairs) {
  if (!repairs) return {"refused"};
  std::vector<std::string> all;
  all.reserve(repairs->size());
  for (const auto& one : *repairs) all.push_back(one.letter + " " + one.recipient.reveal());
  return all;
}

TEST(Repairs, SayWhichLetterGoesWhere) {
  EXPECT_THAT(told(repairs_of({"a@b.c"}, {"7f"})), ElementsAre("deadLetters/7f a@b.c"));
  EXPECT_THAT(told(repairs_of({"x=y@b.c"}, {"7f"})), ElementsAre("deadLetters/7f x=y@b.c"));
  EXPECT_THAT(told(repairs_of({"7f=a@b.c", "deadLetters/80=d@e.f"}, {"deadLetters/7f", "80"})),
              ElementsAre("deadLetters/7f a@b.c", "deadLetters/80 d@e.f"));
  EXPECT_THAT(told(repairs_of({"80=d@e.f"}, {})), ElementsAre("deadLetters/80 d@e.f"));  // of a plan
  EXPECT_THAT(told(repairs_of({"a@b.c"}, {"7f", "80"})), ElementsAre("refused"));
  EXPECT_THAT(told(repairs_of({"a@b.c"}, {})), ElementsAre("refused"));
}

}  // namespace
}  // namespace bongsu::ctl
