#include <bongsu/delivery/row.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::delivery {
namespace {

Row row(std::uint32_t generation, std::uint32_t attempt, std::uint32_t round, Outcome outcome,
        bool maybe = false) {
  Row made;
  made.generation = generation;
  made.attempt = attempt;
  made.round = round;
  made.outcome = outcome;
  made.maybe = maybe;
  return made;
}

rc::Gen<Row> any_row() {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, 3), rc::gen::inRange(1, 4), rc::gen::inRange(0, 3),
                                     rc::gen::inRange(0, 8), rc::gen::arbitrary<bool>()),
                      [](const std::tuple<int, int, int, int, bool>& parts) {
                        const auto& [generation, attempt, round, outcome, maybe] = parts;
                        return row(generation, attempt, round, static_cast<Outcome>(outcome), maybe);
                      });
}

TEST(Judge, ARecordWithoutARowGoesOn) { EXPECT_EQ(judge({.attempt = 1}, std::nullopt), Verdict::kGoOn); }

TEST(Judge, TheSameAttemptIsRepeatedAndAnOlderOneIsDone) {
  const auto failed = row(0, 2, 0, Outcome::kFailed);
  EXPECT_EQ(judge({.attempt = 2}, failed), Verdict::kRepeat);
  EXPECT_EQ(judge({.attempt = 1}, failed), Verdict::kDone);
  EXPECT_EQ(judge({.attempt = 3}, failed), Verdict::kGoOn);
}

TEST(Judge, DeliveredEndsItsWholeGeneration) {
  const auto delivered = row(1, 1, 0, Outcome::kDelivered);
  EXPECT_EQ(judge({.generation = 1, .attempt = 3}, delivered), Verdict::kRepeat);
  EXPECT_EQ(judge({.generation = 2, .attempt = 1}, delivered), Verdict::kGoOn);
  EXPECT_EQ(judge({.generation = 0, .attempt = 3}, delivered), Verdict::kDone);
}

TEST(Judge, AMarkLetsTheAttemptItMarksGoOnAndOlderOnesBe) {
  EXPECT_EQ(judge({.attempt = 1}, row(0, 1, 0, Outcome::kOpen, true)), Verdict::kGoOn);
  EXPECT_EQ(judge({.attempt = 2, .round = 7}, row(0, 2, 7, Outcome::kOpen, true)), Verdict::kGoOn);
  EXPECT_EQ(judge({.attempt = 2, .round = 6}, row(0, 2, 7, Outcome::kOpen, true)), Verdict::kDone);
}

TEST(Merge, TheFirstOutcomeOfAnAttemptStays) {
  EXPECT_EQ(merge(row(0, 1, 0, Outcome::kFailed), row(0, 1, 0, Outcome::kDead)).outcome, Outcome::kFailed);
}

TEST(Merge, AMarkIsWrittenOverAHeldRoundAndGivesWayToTheEndOfItsAttempt) {
  const auto mark = merge(row(0, 2, 3, Outcome::kHeld), row(0, 2, 4, Outcome::kOpen, true));
  EXPECT_EQ(mark.outcome, Outcome::kOpen);
  const auto stays = merge(mark, row(0, 2, 4, Outcome::kFailed));
  EXPECT_EQ(stays.outcome, Outcome::kFailed);
  EXPECT_TRUE(stays.maybe);
  EXPECT_EQ(merge(stays, row(0, 2, 4, Outcome::kOpen, true)), stays);
}

TEST(Merge, DeliveredReplacesAFailureWheneverItComesAndIsMarked) {
  const auto stays = merge(row(0, 3, 0, Outcome::kDead), row(0, 1, 0, Outcome::kDelivered));
  EXPECT_EQ(stays.outcome, Outcome::kDelivered);
  EXPECT_EQ(stays.attempt, 3U);
  EXPECT_TRUE(stays.maybe);
}

TEST(Merge, HoldsItsPromisesForAnyHistory) {
  EXPECT_TRUE(rc::check("delivered absorbs, progress never goes back, maybe never goes back", [] {
    std::optional<Row> stays;
    std::set<std::uint32_t> delivered_in;
    const auto history = *rc::gen::container<std::vector<Row>>(any_row());
    for (const auto& offered : history) {
      const auto before = stays;
      stays = merge(stays, offered);
      if (!before) continue;
      RC_ASSERT(stays->generation >= before->generation);
      const bool went_back = compare(progress_of(*stays), progress_of(*before)) < 0;
      RC_ASSERT(!went_back);
      RC_ASSERT(!before->maybe || stays->maybe);
      if (before->outcome == Outcome::kDelivered && stays->generation == before->generation) {
        RC_ASSERT(stays->outcome == Outcome::kDelivered);
      }
      if (offered.outcome == Outcome::kDelivered && offered.generation == stays->generation) {
        RC_ASSERT(stays->outcome == Outcome::kDelivered);
      }
      RC_ASSERT(merge(stays, offered) == *stays);  // offered twice changes nothing more
    }
  }));
}

}  // namespace
}  // namespace bongsu::delivery
