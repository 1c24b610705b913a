#include <bongsu/http/request.hpp>

#include <gtest/gtest.h>

namespace bongsu::http {
namespace {

TEST(Request, DecodesItsQuery) {
  const Request request{Method::kGet, "/a?name=%ED%99%8D+%26&empty=&flag&&name=second"};
  EXPECT_EQ(request.path(), "/a");
  EXPECT_EQ(request.query("name"), "홍 &");
  EXPECT_EQ(request.query("empty"), "");
  EXPECT_EQ(request.query("flag"), "");
  EXPECT_EQ(request.query("absent"), std::nullopt);
  EXPECT_EQ(request.query_names(), (std::vector<std::string>{"name", "empty", "flag", "name"}));
  EXPECT_TRUE(request.query_is_valid());
}

TEST(Request, KnowsABrokenQuery) {
  for (const auto* target : {"/a?x=%", "/a?x=%4", "/a?x=%zz", "/a?x=%ff", "/a?x=%00", "/a?%=1"}) {
    EXPECT_FALSE((Request{Method::kGet, target}.query_is_valid())) << target;
  }
  EXPECT_TRUE((Request{Method::kGet, "/a"}.query_is_valid()));
  EXPECT_TRUE((Request{Method::kGet, "/a?"}.query_is_valid()));
}

TEST(Request, FindsHeadersInAnyCase) {
  Request request{Method::kPost, "/a", "body"};
  request.add_header("X-Thing", "first");
  request.add_header("x-thing", "second");
  request.add_header("AUTHORIZATION", "bearer  abc.def");
  EXPECT_EQ(request.header("x-THING"), "first");
  EXPECT_EQ(request.header("x"), std::nullopt);
  EXPECT_EQ(request.bearer_token(), "abc.def");
  EXPECT_EQ(request.body(), "body");
}

TEST(Request, OnlyBearerIsABearerToken) {
  for (const auto* value : {"Basic YTpi", "Bearer", "Bearer ", "BearerX abc", ""}) {
    Request request{Method::kGet, "/a"};
    request.add_header("Authorization", value);
    EXPECT_EQ(request.bearer_token(), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace bongsu::http
