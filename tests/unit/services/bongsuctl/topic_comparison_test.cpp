#include "topic_comparison.hpp"

#include <gtest/gtest.h>

namespace bongsu::ctl {
namespace {

using State = TopicVerdict::State;

const events::TopicSpec kWanted{
    .name = "bongsu.a", .partitions = 4, .replication = 1, .config = {{"retention.ms", "7"}}};

kafka::TopicDescription as_wanted() {
  return {.name = "bongsu.a",
          .partitions = 4,
          .replication = 1,
          .configs = {{"retention.ms", "7"}, {"other", "x"}}};
}

TEST(TopicComparison, WhatIsAsWantedIsOk) {
  EXPECT_EQ(compare({kWanted}, {as_wanted()})[0].state, State::kOk);
}

TEST(TopicComparison, WhatIsNotThereIsMissing) {
  EXPECT_EQ(compare({kWanted}, {})[0].state, State::kMissing);
}

TEST(TopicComparison, EveryDifferenceIsNamed) {
  auto other = as_wanted();
  other.partitions = 6;
  other.replication = 3;
  other.configs = {};
  const auto verdict = compare({kWanted}, {other})[0];
  EXPECT_EQ(verdict.state, State::kDiffers);
  EXPECT_EQ(verdict.differences,
            (std::vector<std::string>{"partitions 6, should be 4", "replication 3, should be 1",
                                      "retention.ms unset, should be 7"}));
}

}  // namespace
}  // namespace bongsu::ctl
