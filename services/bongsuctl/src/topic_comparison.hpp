#pragma once
#include <bongsu/events/topics.hpp>
#include <bongsu/kafka/admin.hpp>

#include <string>
#include <vector>

namespace bongsu::ctl {

/// How one topic stands against what it should be.
struct TopicVerdict {
  enum class State { kOk, kMissing, kDiffers };
  std::string name;
  State state = State::kOk;
  /// Each difference in words: "partitions 3, should be 4".
  std::vector<std::string> differences;
};

/// Compares every topic that should exist with what the cluster has. More partitions than asked for
/// are a difference as well: all lanes of a channel must have the same number. Pure.
std::vector<TopicVerdict> compare(const std::vector<events::TopicSpec>& wanted,
                                  const std::vector<kafka::TopicDescription>& found);

}  // namespace bongsu::ctl
