#include "topic_comparison.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace bongsu::ctl {
namespace {

std::vector<std::string> differences_of(const events::TopicSpec& wanted,
                                        const kafka::TopicDescription& found) {
  std::vector<std::string> differences;
  if (found.partitions != wanted.partitions) {
    differences.push_back(fmt::format("partitions {}, should be {}", found.partitions, wanted.partitions));
  }
  if (found.replication != wanted.replication) {
    differences.push_back(fmt::format("replication {}, should be {}", found.replication, wanted.replication));
  }
  for (const auto& [name, value] : wanted.config) {
    const auto has = found.configs.find(name);
    if (has != found.configs.end() && has->second == value) continue;
    differences.push_back(
        fmt::format("{} {}, should be {}", name, has == found.configs.end() ? "unset" : has->second, value));
  }
  return differences;
}

}  // namespace

std::vector<TopicVerdict> compare(const std::vector<events::TopicSpec>& wanted,
                                  const std::vector<kafka::TopicDescription>& found) {
  std::vector<TopicVerdict> verdicts;
  for (const auto& spec : wanted) {
    const auto hit =
        std::find_if(found.begin(), found.end(), [&](const auto& t) { return t.name == spec.name; });
    TopicVerdict verdict{spec.name, TopicVerdict::State::kMissing, {}};
    if (hit != found.end()) {
      verdict.differences = differences_of(spec, *hit);
      verdict.state = verdict.differences.empty() ? TopicVerdict::State::kOk : TopicVerdict::State::kDiffers;
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

}  // namespace bongsu::ctl
