#include "progress.hpp"

#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::jobs {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow{std::chrono::milliseconds{1'700'000'000'000}};
constexpr CreditSettings kCredit{.window = 50, .republish = 1min};

Snapshot snapshot(State state, std::optional<std::int64_t> total = 3000) {
  Snapshot made{.job = {.version = 1, .state = state, .total = total, .control_at = kNow}, .pages = {}};
  made.job.hold = state == State::kPlanned;
  if (state != State::kCreated && state != State::kPlanned) made.job.started_at = kNow;
  renew_control(made.job, made.pages, kNow, kCredit);
  return made;
}

/// All three pages known, everybody delivered but `pending` and `failed`.
Snapshot with_pages(State state, std::int64_t failed, std::int64_t pending) {
  auto made = snapshot(state);
  made.pages = {.planned = 3,
                .frozen = 3000,
                .done = pending == 0 ? 3 : 0,
                .last = 2,
                .success = 3000 - failed - pending,
                .failure = failed};
  return made;
}

State after(const Snapshot& before) {
  const auto change = advance(before, kNow, kCredit);
  return change ? change->job.state : before.job.state;
}

TEST(Transitions, TheTable) {
  const std::map<std::pair<State, Action>, State> allowed_ones{
      {{State::kPlanned, Action::kStart}, State::kInProgress},
      {{State::kCreated, Action::kPause}, State::kPaused},
      {{State::kInProgress, Action::kPause}, State::kPaused},
      {{State::kProcessingBatch, Action::kPause}, State::kPaused},
      {{State::kSendingMessages, Action::kPause}, State::kPaused},
      {{State::kPaused, Action::kResume}, State::kInProgress},
      {{State::kCreated, Action::kCancel}, State::kCancelled},
      {{State::kPlanned, Action::kCancel}, State::kCancelled},
      {{State::kInProgress, Action::kCancel}, State::kCancelled},
      {{State::kProcessingBatch, Action::kCancel}, State::kCancelled},
      {{State::kSendingMessages, Action::kCancel}, State::kCancelled},
      {{State::kPaused, Action::kCancel}, State::kCancelled}};
  for (const auto state : kStates) {
    for (const auto action : kActions) {
      const auto may = allowed(state, action);
      const auto expected = allowed_ones.find({state, action});
      const auto next =
          may ? take(snapshot(state, state == State::kCreated ? std::nullopt : std::optional{3000}), action,
                     kNow, kCredit)
                    .job.state
              : state;
      std::cout << fmt::format("{:<16} {:<7} {}\n", name_of(state), name_of(action),
                               may ? "→ " + std::string{name_of(next)} : "refused: " + may.error().message);
      EXPECT_EQ(may.has_value(), expected != allowed_ones.end());
      if (may && expected != allowed_ones.end()) {
        EXPECT_EQ(next, expected->second);
      }
      if (!may) {
        EXPECT_EQ(may.error().code, ErrorCode::kConflict);
      }
    }
  }
}

TEST(Progress, AJobIsCountedAndThenStartsByItselfUnlessItIsHeld) {
  EXPECT_EQ(after(snapshot(State::kCreated, std::nullopt)), State::kCreated);
  EXPECT_EQ(after(snapshot(State::kCreated)), State::kInProgress);
  auto held = snapshot(State::kCreated);
  held.job.hold = true;
  EXPECT_EQ(after(held), State::kPlanned);
}

TEST(Progress, PagesMoveItOn) {
  auto job = snapshot(State::kInProgress);
  job.pages = {.planned = 1, .frozen = 1000};
  EXPECT_EQ(after(job), State::kProcessingBatch);
  job.pages = {.planned = 2, .frozen = 2000, .last = 2};
  EXPECT_EQ(after(job), State::kProcessingBatch) << "a page between is not known yet";
  EXPECT_EQ(after(with_pages(State::kProcessingBatch, 0, 1)), State::kSendingMessages);
}

TEST(Progress, WhenEverybodyIsCountedItEnds) {
  EXPECT_EQ(after(with_pages(State::kSendingMessages, 0, 0)), State::kCompleted);
  EXPECT_EQ(after(with_pages(State::kSendingMessages, 1, 0)), State::kPartiallyFailed);
  EXPECT_EQ(after(with_pages(State::kSendingMessages, 3000, 0)), State::kFailed);
  const auto change = advance(with_pages(State::kSendingMessages, 0, 0), kNow, kCredit);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->job.control, Control::kEnded);
  EXPECT_TRUE(change->publish);
  EXPECT_EQ(change->job.completed_at, kNow);
}

TEST(Progress, AReplayThatDeliversCompletesWhatHadPartiallyFailed) {
  auto job = with_pages(State::kPartiallyFailed, 0, 0);
  job.job.completed_at = kNow - 1h;
  job.job.recount = true;
  const auto change = advance(job, kNow, kCredit);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->job.state, State::kCompleted);
  EXPECT_EQ(change->job.completed_at, kNow - 1h);
  EXPECT_FALSE(change->job.recount);
}

TEST(Progress, AJobForNobodyIsCompleted) {
  auto job = snapshot(State::kInProgress, 0);
  job.pages = {.planned = 1, .frozen = 0, .done = 1, .last = 0};
  EXPECT_EQ(after(job), State::kCompleted);
}

TEST(Cancelled, CountsWhoWasNeverFrozenOnceTheLastPageIsKnown) {
  auto job = snapshot(State::kCancelled);
  job.pages = {.planned = 1, .frozen = 1000, .done = 0, .success = 400, .cancelled = 600};
  EXPECT_EQ(counts_of(job).pending, 2000);
  EXPECT_FALSE(advance(job, kNow, kCredit));
  job.pages.planned = 2;
  job.pages.last = 1;
  const auto counts = counts_of(job);
  EXPECT_EQ(counts.cancelled, 2600);
  EXPECT_EQ(counts.pending, 0);
  const auto change = advance(job, kNow, kCredit);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->job.state, State::kCancelled);
  EXPECT_EQ(change->job.completed_at, kNow);
  EXPECT_EQ(change->job.control, Control::kCancelled);
}

TEST(Credit, IsTheWindowBeyondWhatIsDoneAndMovesInSteps) {
  auto job = snapshot(State::kProcessingBatch, 1'000'000);
  EXPECT_EQ(job.job.pages_allowed, 50);
  job.pages = {.planned = 20, .frozen = 20'000, .done = 9, .success = 9000};
  EXPECT_FALSE(advance(job, kNow, kCredit));
  job.pages.done = 10;
  const auto change = advance(job, kNow, kCredit);
  ASSERT_TRUE(change && change->publish);
  EXPECT_EQ(change->job.pages_allowed, 60);
  EXPECT_EQ(change->job.revision, job.job.revision + 1);
}

TEST(Credit, IsNotGivenToAPausedJob) {
  auto job = snapshot(State::kPaused, 1'000'000);
  job.pages = {.planned = 40, .frozen = 40'000, .done = 40, .success = 40'000};
  EXPECT_FALSE(advance(job, kNow, kCredit));
  const auto resumed = take(job, Action::kResume, kNow, kCredit);
  EXPECT_EQ(resumed.job.pages_allowed, 90);
  EXPECT_EQ(resumed.job.control, Control::kRunning);
}

TEST(Control, OfAnUnfinishedJobIsSaidAgainAfterAWhile) {
  const auto job = snapshot(State::kPaused);
  EXPECT_FALSE(advance(job, kNow + 59s, kCredit));
  const auto change = advance(job, kNow + 60s, kCredit);
  ASSERT_TRUE(change && change->publish);
  EXPECT_EQ(change->job.revision, job.job.revision);
}

TEST(Counts, AlwaysAddUp) {
  EXPECT_TRUE(rc::check([] {
    const auto number = [] { return std::int64_t{*rc::gen::inRange(0, 500)}; };
    Snapshot job{.job = {.state = *rc::gen::elementOf(kStates), .total = number()}, .pages = {}};
    job.job.planned_no_consent = number();
    job.job.planned_inactive = number();
    auto& pages = job.pages;
    pages = {
        .planned = 1, .success = number(), .failure = number(), .unknown = number(), .no_consent = number()};
    pages.frozen = pages.success + pages.failure + pages.unknown + pages.no_consent + number();
    if (*rc::gen::arbitrary<bool>()) pages.last = 0;
    const auto counts = counts_of(job);
    RC_ASSERT(counts.pending >= 0);
    RC_ASSERT(counts.total ==
              counts.success + counts.failure + counts.unknown + counts.suppressed() + counts.pending);
    RC_ASSERT(counts.success == pages.success);
  }));
}

}  // namespace
}  // namespace bongsu::jobs
