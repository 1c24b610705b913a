#include "outcome.hpp"

#include "page_batch.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::jobs {
namespace {

const Uuid kJob = *Uuid::parse("01936f00-0000-7000-8000-000000000001");

RecipientResult result(std::uint32_t index, Outcome outcome, std::uint32_t generation = 0) {
  return {.job = kJob,
          .page = 0,
          .index = index,
          .outcome = outcome,
          .generation = generation,
          .reason = "timeout"};
}

TEST(Recipient, TheFirstEndStaysWithinAGeneration) {
  Recipient recipient;
  EXPECT_TRUE(recipient.merge(Outcome::kUnknown, 0));
  EXPECT_FALSE(recipient.merge(Outcome::kFailed, 0));
  EXPECT_EQ(recipient.outcome(), Outcome::kUnknown);
}

TEST(Recipient, DeliveredWinsWithinAGeneration) {
  Recipient recipient;
  recipient.merge(Outcome::kFailed, 0);
  EXPECT_TRUE(recipient.merge(Outcome::kDelivered, 0));
  EXPECT_FALSE(recipient.merge(Outcome::kFailed, 0));
  EXPECT_EQ(recipient.outcome(), Outcome::kDelivered);
}

TEST(Recipient, AHigherGenerationWins) {
  Recipient recipient;
  recipient.merge(Outcome::kFailed, 1);
  EXPECT_FALSE(recipient.merge(Outcome::kDelivered, 0)) << "late, of the generation before";
  EXPECT_TRUE(recipient.merge(Outcome::kDelivered, 2));
  EXPECT_TRUE(recipient.merge(Outcome::kFailed, 3));
  EXPECT_EQ(recipient.outcome(), Outcome::kFailed);
}

TEST(Recipient, TheFallbackIsNoEndAndIsNotForgotten) {
  Recipient recipient;
  recipient.note_fallback();
  EXPECT_EQ(recipient.outcome(), Outcome::kPending);
  recipient.merge(Outcome::kDelivered, 3);
  EXPECT_TRUE(recipient.fell_back());
  EXPECT_EQ(recipient.generation(), 3U);
}

TEST(Recipient, GenerationsBeyondFifteenCountAsFifteen) {
  Recipient recipient;
  recipient.merge(Outcome::kFailed, 400);
  EXPECT_EQ(recipient.generation(), 15U);
  EXPECT_TRUE(recipient.merge(Outcome::kDelivered, 17));
}

TEST(Page, ResultsMayComeBeforeTheGatewaysWord) {
  PageBatch batch{{}};
  EXPECT_TRUE(batch.add(result(2, Outcome::kDelivered)));
  EXPECT_TRUE(batch.add(result(999, Outcome::kDelivered)));
  EXPECT_FALSE(batch.add(result(1000, Outcome::kDelivered)));
  batch.add(PlannedPage{.job = kJob, .page = 0, .size = 3, .suppressed = {{0, Outcome::kNoConsent}}});
  const auto& page = batch.pages().at({kJob, 0});
  EXPECT_EQ(page.outcomes.size(), 3U);
  EXPECT_FALSE(batch.add(result(3, Outcome::kDelivered)));
  EXPECT_EQ(page.count()[Outcome::kDelivered], 1);
  EXPECT_EQ(page.count()[Outcome::kNoConsent], 1);
  EXPECT_EQ(page.count()[Outcome::kPending], 1);
}

TEST(Page, AFailureIsRememberedUntilAReplayDelivers) {
  PageBatch batch{{}};
  const auto failed = result(1, Outcome::kFailed);
  batch.add(failed);
  EXPECT_EQ(batch.failed().size(), 1U);
  EXPECT_EQ(batch.failed().begin()->second, &failed);
  PageBatch later{batch.pages()};
  const auto delivered = result(1, Outcome::kDelivered, 1);
  later.add(delivered);
  EXPECT_TRUE(later.failed().empty());
  EXPECT_EQ(later.recovered().size(), 1U);
}

TEST(Page, WhatChangesNothingIsNotWritten) {
  PageBatch batch{{}};
  batch.add(result(1, Outcome::kDelivered));
  PageBatch again{batch.pages()};
  EXPECT_TRUE(again.add(result(1, Outcome::kDelivered)));
  EXPECT_TRUE(again.changed().empty());
}

/// Ends as the channels can give them: of a recipient's generation one that is not delivered, and perhaps
/// delivered.
std::vector<RecipientResult> some_results() {
  std::vector<RecipientResult> results;
  const auto recipients = *rc::gen::inRange(1U, 8U);
  for (auto index = 0U; index < recipients; ++index) {
    const auto generations = *rc::gen::inRange(0U, 3U);
    for (auto generation = 0U; generation <= generations; ++generation) {
      const auto end =
          *rc::gen::element(Outcome::kFailed, Outcome::kUnknown, Outcome::kCancelled, Outcome::kPending);
      if (end != Outcome::kPending) results.push_back(result(index, end, generation));
      if (*rc::gen::arbitrary<bool>()) results.push_back(result(index, Outcome::kDelivered, generation));
      if (*rc::gen::arbitrary<bool>()) {
        results.push_back(result(index, Outcome::kPending, generation));
        results.back().fell_back = true;
      }
    }
  }
  return results;
}

PageCounts counted(const std::vector<RecipientResult>& results, std::size_t batch_size, bool planned_first) {
  const PlannedPage planned{.job = kJob, .page = 0, .size = 8, .suppressed = {}};
  std::map<PageKey, Page> pages;
  const auto apply = [&](auto add) {
    PageBatch batch{std::move(pages)};
    add(batch);
    pages = batch.pages();
  };
  if (planned_first) apply([&](PageBatch& batch) { batch.add(planned); });
  for (std::size_t i = 0; i < results.size(); i += batch_size) {
    apply([&](PageBatch& batch) {
      for (auto j = i; j < std::min(results.size(), i + batch_size); ++j) batch.add(results[j]);
    });
  }
  apply([&](PageBatch& batch) { batch.add(planned); });
  return pages.at({kJob, 0}).count();
}

TEST(Page, AnyOrderAndAnyRepetitionOfResultsCountsTheSame) {
  EXPECT_TRUE(rc::check([] {
    const auto results = some_results();
    auto shuffled = results;
    for (int times = 0; times < 2; ++times) shuffled.insert(shuffled.end(), results.begin(), results.end());
    // std::shuffle wants a generator of its own; a permutation by drawn keys is one that shrinks.
    std::vector<std::pair<int, RecipientResult>> keyed;
    for (auto& one : shuffled) keyed.emplace_back(*rc::gen::arbitrary<int>(), one);
    std::ranges::sort(keyed, {}, [](const auto& pair) { return pair.first; });
    std::vector<RecipientResult> mixed;
    for (auto& [key, one] : keyed) mixed.push_back(one);
    const auto batch = *rc::gen::inRange<std::size_t>(1, 10);
    RC_ASSERT(counted(mixed, batch, *rc::gen::arbitrary<bool>()) == counted(results, 1, true));
  }));
}

}  // namespace
}  // namespace bongsu::jobs
