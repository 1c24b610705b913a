#include "replay/outcome.hpp"

#include <bongsu/events/ids.hpp>
#include <bongsu/events/v1/result.pb.h>

#include <gtest/gtest.h>

namespace bongsu::deadletters {
namespace {

using events::v1::DeadLetterEvent;
using events::v1::DeliveryResult;

const Uuid kLetter = Uuid::v8(Timestamp{}, "letter");
const Uuid kReplayId = Uuid::v8(Timestamp{}, "replay");
const Uuid kNotification = Uuid::v8(Timestamp{}, "notification");

DeliveryResult result(DeliveryResult::Outcome outcome) {
  DeliveryResult result;
  result.set_notification_id(kNotification.str());
  result.set_outcome(outcome);
  result.set_final(true);
  result.set_generation(1);
  result.set_letter_id(kLetter.str());
  result.set_replay_id(kReplayId.str());
  result.set_reason("timeout");
  return result;
}

TEST(ReadOutcome, TellsHowAReplayEndedForItsLetter) {
  const auto delivered = outcome_of(result(DeliveryResult::DELIVERED)).ended;
  ASSERT_TRUE(delivered);
  EXPECT_EQ(delivered->letter, kLetter);
  EXPECT_EQ(delivered->replay, kReplayId);
  EXPECT_EQ(delivered->kind, DeadLetterEvent::DELIVERED);
  EXPECT_EQ(outcome_of(result(DeliveryResult::DEAD)).ended->kind, DeadLetterEvent::DEAD_AGAIN);
  EXPECT_EQ(outcome_of(result(DeliveryResult::DEAD)).ended->reason, "timeout");
  EXPECT_EQ(outcome_of(result(DeliveryResult::UNKNOWN)).ended->kind, DeadLetterEvent::DEAD_AGAIN);
  EXPECT_EQ(outcome_of(result(DeliveryResult::SUPPRESSED)).ended->kind, DeadLetterEvent::REPLAY_ABANDONED);
}

TEST(ReadOutcome, FallingBackIsNoEndAndNeitherIsARetry) {
  EXPECT_FALSE(outcome_of(result(DeliveryResult::FELL_BACK)).ended);
  auto retrying = result(DeliveryResult::RETRYING);
  retrying.set_final(false);
  EXPECT_FALSE(outcome_of(retrying).ended);
}

TEST(ReadOutcome, WhatNoReplaySentSaysNothingOfLetters) {
  auto first = result(DeliveryResult::DELIVERED);
  first.set_generation(0);
  EXPECT_FALSE(outcome_of(first).ended);
  EXPECT_FALSE(outcome_of(first).delivered);
  first.set_maybe_twice(true);
  EXPECT_EQ(outcome_of(first).delivered, events::letter_id(kNotification, 0));
}

TEST(EarlierGeneration, IsTheLetterThatAReplaySent) {
  Letter letter;
  letter.notification_id = kNotification;
  EXPECT_FALSE(earlier_generation(letter));
  letter.generation = 2;
  EXPECT_EQ(earlier_generation(letter), events::letter_id(kNotification, 1));
  letter.notification_id.reset();
  letter.previous = kLetter;
  EXPECT_EQ(earlier_generation(letter), kLetter);
  // A header of that name that upstream wrote.
  letter.generation = 0;
  EXPECT_FALSE(earlier_generation(letter));
}

}  // namespace
}  // namespace bongsu::deadletters
