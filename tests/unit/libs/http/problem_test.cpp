#include <bongsu/http/problem.hpp>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace bongsu::http {
namespace {

TEST(Problem, IsAProblemDocumentInBothLanguages) {
  const auto problem = invalid_request(
      FieldError{"email", "invalid_format", {"이메일 형식이 아닙니다.", "Not an email address."}});
  const auto response = to_response(problem, Language::kEnglish);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const auto body = boost::json::parse(response.body).as_object();
  EXPECT_EQ(body.at("type"), "urn:bongsu:problem:invalid_request");
  EXPECT_EQ(body.at("title"), "Invalid request");
  EXPECT_EQ(body.at("status"), 400);
  EXPECT_EQ(body.at("success"), false);
  EXPECT_EQ(body.at("code"), "invalid_request");
  EXPECT_EQ(body.at("message"), "The request is not valid.");
  EXPECT_EQ(body.at("errors"),
            (boost::json::array{boost::json::object{
                {"field", "email"}, {"code", "invalid_format"}, {"message", "Not an email address."}}}));
  const auto korean = boost::json::parse(to_response(problem, Language::kKorean).body).as_object();
  EXPECT_EQ(korean.at("errors").at(0).at("message"), "이메일 형식이 아닙니다.");
}

TEST(Problem, SaysWhenToTryAgain) {
  const auto response = to_response(unavailable(std::chrono::seconds{2}), Language::kKorean);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(find(response.headers, "Retry-After"), "2");
  EXPECT_FALSE(boost::json::parse(response.body).as_object().contains("errors"));
  EXPECT_EQ(find(to_response(unauthorized(), Language::kKorean).headers, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(find(to_response(method_not_allowed("GET, HEAD"), Language::kKorean).headers, "Allow"),
            "GET, HEAD");
}

TEST(Problem, FollowsFromAnErrorWithoutShowingItsMessage) {
  const std::pair<ErrorCode, int> expected[] = {
      {ErrorCode::kInvalidArgument, 400}, {ErrorCode::kUnauthorized, 401}, {ErrorCode::kNotFound, 404},
      {ErrorCode::kConflict, 409},        {ErrorCode::kRateLimited, 429},  {ErrorCode::kUnavailable, 503},
      {ErrorCode::kTimeout, 503},         {ErrorCode::kInternal, 500}};
  for (const auto& [code, status] : expected) {
    const auto problem = problem_of(Error{.code = code, .message = "canary", .detail = "canary"});
    EXPECT_EQ(problem.status, status);
    EXPECT_EQ(problem.retry_after.has_value(), status == 429 || status == 503);
    EXPECT_EQ(to_response(problem, Language::kEnglish).body.find("canary"), std::string::npos);
  }
  const auto slow =
      problem_of(Error{.code = ErrorCode::kUnavailable, .retry_after = std::chrono::milliseconds{1500}});
  EXPECT_EQ(slow.retry_after, std::chrono::seconds{2});
}

TEST(Success, HasMessageAndData) {
  const auto response = success(202, "대량 \"발송\"", boost::json::object{{"jobId", "7"}});
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"success":true,"message":"대량 \"발송\"","data":{"jobId":"7"}})");
}

}  // namespace
}  // namespace bongsu::http
