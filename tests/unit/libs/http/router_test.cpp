#include <bongsu/http/router.hpp>

#include <gtest/gtest.h>

namespace bongsu::http {
namespace {

asio::awaitable<Response> nothing(Request&) { co_return Response{}; }

Router example() {
  Router router;
  router.add(Method::kPost, "/api/messages", nothing);
  router.add(Method::kGet, "/api/messages/{id}", nothing);
  router.add(Method::kPost, "/api/messages/batch", nothing);
  router.add(Method::kGet, "/api/jobs/{job}/pages/{page}", nothing);
  router.add(Method::kGet, "/", nothing);
  return router;
}

std::string pattern_for(const Router& router, Method method, const std::string& target) {
  Request request{method, target};
  const auto match = router.find(request);
  return match.route == nullptr ? "" : match.route->pattern;
}

TEST(Router, FindsTextBeforeNames) {
  const auto router = example();
  EXPECT_EQ(pattern_for(router, Method::kPost, "/api/messages"), "/api/messages");
  EXPECT_EQ(pattern_for(router, Method::kPost, "/api/messages/batch?x=1"), "/api/messages/batch");
  EXPECT_EQ(pattern_for(router, Method::kGet, "/api/messages/42"), "/api/messages/{id}");
  EXPECT_EQ(pattern_for(router, Method::kGet, "/"), "/");
  EXPECT_EQ(pattern_for(router, Method::kPost, "/api/%6dessages"), "/api/messages");
}

TEST(Router, TakesWholeSegmentsOnly) {
  const auto router = example();
  for (const auto* target :
       {"/api/message", "/api/messages/", "/api/messages/1/2", "/api", "", "api/messages", "/api//messages",
        "/api/messages/%", "/api/messages/%00", "//", "*"}) {
    EXPECT_EQ(pattern_for(router, Method::kGet, target), "") << target;
  }
}

TEST(Router, GivesWhatNamesStandFor) {
  const auto router = example();
  Request request{Method::kGet, "/api/jobs/a%2Fb%20%ED%99%8D/pages/7"};
  ASSERT_NE(router.find(request).route, nullptr);
  EXPECT_EQ(request.path_parameter("job"), "a/b 홍");
  EXPECT_EQ(request.path_parameter("page"), "7");
  EXPECT_EQ(request.path_parameter("other"), "");
}

TEST(Router, APatternIsNoPath) {
  const auto router = example();
  Request request{Method::kGet, "/api/messages/{id}"};
  ASSERT_NE(router.find(request).route, nullptr);
  EXPECT_EQ(request.path_parameter("id"), "{id}");
}

TEST(Router, KnowsTheMethodsOfAPath) {
  const auto router = example();
  Request request{Method::kDelete, "/api/messages/42"};
  const auto match = router.find(request);
  EXPECT_EQ(match.route, nullptr);
  EXPECT_TRUE(match.path_known);
  EXPECT_EQ(match.allowed, "GET, HEAD");
  EXPECT_EQ(pattern_for(router, Method::kHead, "/api/messages/42"), "/api/messages/{id}");
  Request unknown{Method::kGet, "/nowhere"};
  EXPECT_FALSE(router.find(unknown).path_known);
}

TEST(RouterDeath, RefusesARouteTwice) {
  EXPECT_DEATH(
      {
        auto router = example();
        router.add(Method::kGet, "/", nothing);
      },
      "a route is there once");
}

}  // namespace
}  // namespace bongsu::http
