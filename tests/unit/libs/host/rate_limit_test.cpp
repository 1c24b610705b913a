#include <bongsu/host/rate_limit.hpp>

#include <gtest/gtest.h>

namespace bongsu::config {
namespace {

using namespace std::chrono_literals;

std::vector<Problem> read(const std::string& yaml, delivery::RateLimit& into) {
  Reader reader{{{"kakao.yaml", yaml}}, [](const std::string&) { return std::nullopt; }};
  auto root = reader.root();
  root.settings("message.api.kakaotalk.rate-limit", into);
  reader.refuse_unknown_keys();
  return reader.problems();
}

TEST(RateLimitSettings, AreReadByTheirDocumentedNames) {
  delivery::RateLimit limit;
  EXPECT_TRUE(read(R"(message: {api: {kakaotalk: {rate-limit: {
    requests-per-minute: 100, strategy: sliding-window, reserved-for-transactional: 0.2, wait: 5000}}}})",
                   limit)
                  .empty());
  EXPECT_TRUE(limit.is_limited());
  EXPECT_EQ(limit.policy.per_minute, 100U);
  EXPECT_EQ(limit.policy.strategy, resilience::LimitStrategy::kSlidingWindow);
  EXPECT_EQ(limit.policy.reserve, 0.2);
  EXPECT_EQ(limit.wait_limit, 5s);
}

TEST(RateLimitSettings, AbsentMeansNoLimit) {
  delivery::RateLimit limit;
  EXPECT_TRUE(read("", limit).empty());
  EXPECT_FALSE(limit.is_limited());
}

TEST(RateLimitSettings, AReserveThatLeavesBulkNothingIsRefused) {
  delivery::RateLimit limit;
  const auto problems =
      read("message: {api: {kakaotalk: {rate-limit: {reserved-for-transactional: 1.0}}}}", limit);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems.front().path, "message.api.kakaotalk.rate-limit.reserved-for-transactional");
}

}  // namespace
}  // namespace bongsu::config
