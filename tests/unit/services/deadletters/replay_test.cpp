#include "replay/replay.hpp"

#include <bongsu/core/random.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow{1'795'000'000'000ms};

Replay running(std::int64_t letters, CanaryRule canary = {}) {
  Replay replay;
  replay.state = v1::Replay::RUNNING;
  replay.rate = 100;
  replay.canary = canary;
  replay.canaries = canary.count > 0 ? v1::Replay::AWAITED : v1::Replay::NONE;
  replay.expires_at = kNow + 1h;
  replay.progress.waiting = letters;
  return replay;
}

void take(Replay& replay, std::int64_t letters) {
  replay.progress.waiting -= letters;
  replay.progress.replaying += letters;
  replay.progress.taken += letters;
}

TEST(ReplayAdvance, APlanExpiresAndSendsNothing) {
  auto plan = running(3);
  plan.state = v1::Replay::PLANNED;
  EXPECT_FALSE(moved_on(plan, kNow));
  const auto expired = moved_on(plan, kNow + 1h);
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->state, v1::Replay::EXPIRED);
  EXPECT_EQ(expired->progress.returned, 3);
  EXPECT_EQ(may_take(plan), 0);
  EXPECT_EQ(may_take(*expired), 0);
}

TEST(ReplayAdvance, ItIsCompleteWhenEveryLetterHasItsOutcome) {
  auto replay = running(2);
  EXPECT_EQ(may_take(replay), 2);
  take(replay, 2);
  EXPECT_FALSE(moved_on(replay, kNow));
  replay.progress.replaying = 1;
  replay.progress.delivered = 1;
  EXPECT_FALSE(moved_on(replay, kNow));
  replay.progress.replaying = 0;
  replay.progress.dead_again = 1;
  const auto done = moved_on(replay, kNow);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->state, v1::Replay::COMPLETED);
  EXPECT_EQ(done->completed_at, kNow);
}

TEST(ReplayAdvance, TheRestWaitsForTheCanaries) {
  auto replay = running(10, {.count = 3, .ratio = 0.5});
  EXPECT_EQ(may_take(replay), 3);
  take(replay, 2);
  EXPECT_EQ(may_take(replay), 1);
  take(replay, 1);
  EXPECT_EQ(may_take(replay), 0);
  replay.progress.replaying -= 2;
  replay.progress.delivered = 2;  // of three, two are more than half
  const auto passed = moved_on(replay, kNow);
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->canaries, v1::Replay::PASSED);
  EXPECT_EQ(passed->state, v1::Replay::RUNNING);
  EXPECT_EQ(may_take(*passed), 7);
}

TEST(ReplayAdvance, TooFewDeliveredCanariesHaltItAndTheRestIsReturned) {
  auto replay = running(10, {.count = 3, .ratio = 0.5});
  take(replay, 3);
  replay.progress.replaying -= 2;
  replay.progress.dead_again = 2;
  const auto halted = moved_on(replay, kNow);
  ASSERT_TRUE(halted);
  EXPECT_EQ(halted->state, v1::Replay::HALTED);
  EXPECT_EQ(halted->canaries, v1::Replay::FAILED);
  EXPECT_EQ(halted->progress.returned, 7);
  EXPECT_EQ(halted->progress.waiting, 0);
  EXPECT_EQ(may_take(*halted), 0);
  EXPECT_FALSE(moved_on(*halted, kNow));
}

TEST(ReplayAdvance, FewerLettersThanCanariesAreAllCanaries) {
  auto replay = running(2, {.count = 10, .ratio = 1});
  take(replay, 2);
  EXPECT_EQ(verdict(replay.canary, replay.progress), v1::Replay::AWAITED);
  replay.progress.replaying = 0;
  replay.progress.delivered = 2;
  EXPECT_EQ(verdict(replay.canary, replay.progress), v1::Replay::PASSED);
  EXPECT_EQ(moved_on(replay, kNow)->state, v1::Replay::COMPLETED);
}

TEST(ReplayAdvance, WhatWasSkippedIsNoCanary) {
  auto replay = running(5, {.count = 2, .ratio = 1});
  replay.progress.waiting -= 3;
  replay.progress.skipped = 3;
  EXPECT_EQ(may_take(replay), 2);
  EXPECT_EQ(verdict(replay.canary, replay.progress), v1::Replay::AWAITED);
}

TEST(ReplayCancel, EndsAPlanAndARunAndNothingTwice) {
  auto replay = running(5);
  take(replay, 2);
  const auto ended = cancelled(replay, "kim", kNow);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->state, v1::Replay::CANCELLED);
  EXPECT_EQ(ended->cancelled_by, "kim");
  EXPECT_EQ(ended->progress.returned, 3);
  EXPECT_EQ(ended->progress.replaying, 2);
  EXPECT_FALSE(cancelled(*ended, "kim", kNow));
  replay.state = v1::Replay::PLANNED;
  EXPECT_TRUE(cancelled(replay, "kim", kNow));
}

RC_GTEST_PROP(ReplayAdvance, IsJudgedOnlyOnceTheShareIsCertainAndKeepsItsSum, ()) {
  const auto count = *rc::gen::inRange<std::int64_t>(1, 20);
  const auto letters = *rc::gen::inRange<std::int64_t>(1, 40);
  const auto ratio = *rc::gen::inRange(1, 101) / 100.0;
  auto replay = running(letters, {.count = count, .ratio = ratio});
  take(replay, may_take(replay));
  const auto sent = replay.progress.taken;
  std::int64_t delivered = 0;
  std::int64_t dead = 0;
  std::optional<Canaries> first;
  for (std::int64_t i = 0; i < sent; ++i) {
    --replay.progress.replaying;
    if (*rc::gen::arbitrary<bool>()) {
      ++replay.progress.delivered;
      ++delivered;
    } else {
      ++replay.progress.dead_again;
      ++dead;
    }
    const auto said = verdict(replay.canary, replay.progress);
    if (first) RC_ASSERT(said == *first);
    if (said != v1::Replay::AWAITED) first = said;
    const auto next = moved_on(replay, kNow);
    if (next) RC_ASSERT(next->progress.total() == letters);
  }
  const bool enough = static_cast<double>(delivered) + 1e-9 >= ratio * static_cast<double>(sent);
  RC_ASSERT(first == (enough ? v1::Replay::PASSED : v1::Replay::FAILED));
}

TEST(PlanDigest, TellsLettersAndTheirOrderApart) {
  SeededRandom random{3};
  const auto a = Uuid::v7(kNow, random);
  const auto b = Uuid::v7(kNow, random);
  const auto of = [](const std::vector<Uuid>& letters) {
    PlanDigest digest;
    for (const auto& letter : letters) digest.add(letter);
    return digest.bytes();
  };
  EXPECT_EQ(of({a, b}), of({a, b}));
  EXPECT_NE(of({a, b}), of({b, a}));
  EXPECT_NE(of({a, b}), of({a}));
  EXPECT_EQ(of({a}).size(), 32U);
}

}  // namespace
}  // namespace bongsu::deadletters
