#include "replay/plan.hpp"

#include <gtest/gtest.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow{1'795'000'000'000ms};

LetterRow open_letter(std::string reason, Timestamp asked_at = kNow) {
  LetterRow row;
  row.letter.channel = events::Channel::kSms;
  row.letter.reason = std::move(reason);
  row.letter.notification_id = Uuid::v8(asked_at, "n");
  return row;
}

TEST(PlanCountTest, CountsByReasonTheGreatestFirst) {
  PlanCount count{kNow - 24h, [](const Uuid&) { return false; }};
  EXPECT_TRUE(count.add(open_letter("timeout")));
  EXPECT_TRUE(count.add(open_letter("unavailable")));
  EXPECT_TRUE(count.add(open_letter("unavailable")));
  EXPECT_EQ(count.reasons(), (std::vector<ReasonCount>{{"unavailable", 2}, {"timeout", 1}}));
  EXPECT_EQ(count.total(), 3);
  EXPECT_TRUE(count.warnings().empty());
}

TEST(PlanCountTest, LeavesOutWhatIsNotOpenAndWhatIsNoNotificationAndSaysSo) {
  PlanCount count{kNow - 24h, [](const Uuid&) { return false; }};
  for (const auto state : {v1::DeadLetter::REPLAYING, v1::DeadLetter::DELIVERED, v1::DeadLetter::DISCARDED}) {
    auto row = open_letter("timeout");
    row.state = state;
    EXPECT_FALSE(count.add(row));
  }
  auto intake = open_letter("undecodable");
  intake.letter.channel.reset();
  EXPECT_FALSE(count.add(intake));
  EXPECT_EQ(count.total(), 0);
  EXPECT_EQ(count.warnings(), (std::vector<Warning>{{"not_open", 3}, {"not_replayable", 1}}));
}

TEST(PlanCountTest, WarnsOfWhatAReplayWouldNotMend) {
  const auto job = Uuid::v8(kNow, "job");
  PlanCount count{kNow - 24h, [&](const Uuid& one) { return one == job; }};
  auto again = open_letter("timeout");
  again.replays = 2;
  count.add(again);
  auto of_job = open_letter("timeout");
  of_job.letter.job = job;
  count.add(of_job);
  count.add(open_letter("expired", kNow - 25h));
  count.add(open_letter("undecodable"));
  count.add(open_letter("unknown_outcome"));
  EXPECT_EQ(count.warnings(), (std::vector<Warning>{{"job_cancelled", 1},
                                                    {"replayed_before", 1},
                                                    {"too_old", 1},
                                                    {"undecodable", 1},
                                                    {"unknown_outcome", 1}}));
  for (const auto& warning : count.warnings()) EXPECT_FALSE(message_of(warning.code).empty()) << warning.code;
}

}  // namespace
}  // namespace bongsu::deadletters
