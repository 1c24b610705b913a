#include <bongsu/delivery/next_step.hpp>
#include <bongsu/events/reasons.hpp>

#include <gtest/gtest.h>

namespace bongsu::delivery {
namespace {

using namespace std::chrono_literals;

constexpr resilience::RetryPolicy kDefaults;

NextStep after(ErrorCode code, SoFar so_far, std::optional<std::chrono::milliseconds> retry_after = {}) {
  SeededRandom dice{1};
  Error failure{.code = code, .message = "test"};
  failure.retry_after = retry_after;
  return next_step(kDefaults, failure, so_far, dice);
}

TEST(NextStep, AProviderThatIsAwayIsCalledAgainAfterOneAndTwoSeconds) {
  for (const auto code : {ErrorCode::kTimeout, ErrorCode::kUnavailable, ErrorCode::kRateLimited}) {
    EXPECT_EQ(after(code, {.tries = 1}), NextStep{SendAgain{1s}});
    EXPECT_EQ(after(code, {.tries = 2}), NextStep{SendAgain{2s}});
  }
}

TEST(NextStep, AfterThreeCallsTheRetryTopicsFollowInTheirOrderThenTheDeadLetter) {
  EXPECT_EQ(after(ErrorCode::kUnavailable, {.tries = 3, .attempt = 1}), NextStep{MoveToRetry{0}});
  EXPECT_EQ(after(ErrorCode::kUnavailable, {.tries = 3, .attempt = 2}), NextStep{MoveToRetry{1}});
  EXPECT_EQ(after(ErrorCode::kUnavailable, {.tries = 3, .attempt = 3}),
            NextStep{Bury{events::reason::kUnavailable}});
  EXPECT_EQ(after(ErrorCode::kTimeout, {.tries = 3, .attempt = 3}), NextStep{Bury{events::reason::kTimeout}});
}

TEST(NextStep, RetryAfterIsHonouredUpToItsBoundAndBeyondItTheRetryTopicWaits) {
  EXPECT_EQ(after(ErrorCode::kRateLimited, {.tries = 1}, 20s), NextStep{SendAgain{20s}});
  EXPECT_EQ(after(ErrorCode::kRateLimited, {.tries = 1}, 31s), NextStep{MoveToRetry{0}});
}

TEST(NextStep, WhatTheProviderDidNotServeFallsBackWhereTheRequestNamesAChannel) {
  for (const auto code : {ErrorCode::kTimeout, ErrorCode::kUnavailable, ErrorCode::kRateLimited}) {
    EXPECT_EQ(after(code, {.tries = 1, .falls_back = true}), NextStep{SendAgain{1s}});
    EXPECT_EQ(after(code, {.tries = 3, .falls_back = true}), NextStep{FallBack{}});
  }
  EXPECT_EQ(after(ErrorCode::kRejected, {.tries = 1, .falls_back = true}),
            NextStep{Bury{events::reason::kProviderRejected}});
  EXPECT_EQ(after(ErrorCode::kExhausted, {.tries = 1, .falls_back = true}), NextStep{MoveToRetry{0}});
}

TEST(NextStep, WhatCannotSucceedDiesAtOnceWithItsReason) {
  EXPECT_EQ(after(ErrorCode::kInvalidArgument, {}), NextStep{Bury{events::reason::kInvalidRequest}});
  EXPECT_EQ(after(ErrorCode::kNotFound, {}), NextStep{Bury{events::reason::kInvalidRecipient}});
  EXPECT_EQ(after(ErrorCode::kRejected, {}), NextStep{Bury{events::reason::kProviderRejected}});
  EXPECT_EQ(after(ErrorCode::kInternal, {}), NextStep{Bury{events::reason::kInternal}});
}

TEST(NextStep, AnEmptyStockIsNotAskedAgainInProcessButInTheRetryTopics) {
  EXPECT_EQ(after(ErrorCode::kExhausted, {.tries = 1, .attempt = 1}), NextStep{MoveToRetry{0}});
  EXPECT_EQ(after(ErrorCode::kExhausted, {.tries = 1, .attempt = 3}),
            NextStep{Bury{events::reason::kOutOfStock}});
}

TEST(NextStep, RefusedCredentialsHoldTheLane) {
  EXPECT_EQ(after(ErrorCode::kUnauthorized, {.tries = 1, .attempt = 3}), NextStep{HoldLane{}});
}

}  // namespace
}  // namespace bongsu::delivery
