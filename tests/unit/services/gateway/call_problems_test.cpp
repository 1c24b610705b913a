#include "call_problems.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

using rpc::Failure;

TEST(CallProblems, AStateThatForbidsACallKeepsTheReasonThatCallersActOn) {
  for (const auto* reason : {"digest_mismatch", "plan_expired", "nothing_matches", "not_planned"}) {
    const auto problem = problem_of_call(Failure{ErrorCode::kConflict, reason, "not now"});
    EXPECT_EQ(problem.status, 409);
    EXPECT_EQ(problem.code, reason);
    EXPECT_NE(problem.message.korean, problem.message.english);
  }
  EXPECT_EQ(problem_of_call(Failure{ErrorCode::kConflict, "job_state", "not now"}).code,
            "failed_precondition");
}

TEST(CallProblems, FieldsAreNamedAsInJson) {
  const auto problem = problem_of_call(
      Failure{ErrorCode::kInvalidArgument,
              "invalid_request",
              "two fields",
              {{"job.age_group", "unknown_age_group", "is none"}, {"page_token", "malformed", "is none"}}});
  EXPECT_EQ(problem.status, 400);
  ASSERT_EQ(problem.errors.size(), 2U);
  EXPECT_EQ(problem.errors[0].field, "job.ageGroup");
  EXPECT_EQ(problem.errors[0].code, "unknown_age_group");
  EXPECT_EQ(problem.errors[1].field, "pageToken");
}

TEST(CallProblems, WhatIsNotFoundNotAllowedOrAwayIsThatHereToo) {
  EXPECT_EQ(problem_of_call(Failure{ErrorCode::kNotFound, "letter_not_found", "gone"}).status, 404);
  EXPECT_EQ(problem_of_call(Failure{ErrorCode::kUnauthorized, "bad_token", "who"}).status, 401);
  EXPECT_EQ(
      problem_of_call(Failure{ErrorCode::kUnauthorized, std::string{rpc::kPermissionDenied}, "no"}).status,
      403);
  EXPECT_EQ(problem_of_call(Failure{ErrorCode::kAlreadyExists, "request_id_reused", "again"}).status, 422);
  const auto away = problem_of_call(Failure{Error{.code = ErrorCode::kUnavailable, .message = "away"}});
  EXPECT_EQ(away.status, 503);
  EXPECT_TRUE(away.retry_after);
  EXPECT_EQ(problem_of_call(Failure{Error{.code = ErrorCode::kInternal, .message = "x"}}).status, 500);
}

}  // namespace
}  // namespace bongsu::gateway
