#include "conversion.hpp"

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

TEST(KafkaConversion, AHeaderWithoutANameIsRefused) {
  const auto refused = to_native(Headers{{"a", "1"}, {"", "2"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST(KafkaConversion, NoHeadersAreNoList) {
  const auto none = to_native(Headers{});
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
}

TEST(KafkaConversion, PartitionsComeBackInTheirOrder) {
  const std::vector<TopicPartition> partitions{{"b", 1}, {"a", 0}, {"b", 0}};
  EXPECT_EQ(to_partitions(to_native(partitions).get()), partitions);
  EXPECT_TRUE(to_partitions(nullptr).empty());
}

}  // namespace
}  // namespace bongsu::kafka
