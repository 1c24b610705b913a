#include <bongsu/delivery/lane.hpp>

namespace bongsu::delivery {

std::string_view name_of(LaneKind kind) {
  switch (kind) {
    case LaneKind::kSignup:
      return "signup";
    case LaneKind::kRequest:
      return "request";
    case LaneKind::kBulk:
      return "bulk";
    case LaneKind::kReplay:
      return "replay";
    case LaneKind::kRetry:
      return "retry";
  }
  return "request";
}

std::vector<Lane> lanes_of(events::Channel channel, const events::Topics& topics,
                           const std::vector<std::chrono::milliseconds>& retry_delays, bool signups) {
  std::vector<Lane> lanes{{.topic = topics.request(channel), .kind = LaneKind::kRequest},
                          {.topic = topics.bulk(channel), .kind = LaneKind::kBulk},
                          {.topic = topics.replay(channel), .kind = LaneKind::kReplay}};
  if (signups) lanes.push_back({.topic = topics.signed_up(), .kind = LaneKind::kSignup});
  for (std::size_t tier = 0; tier < retry_delays.size(); ++tier) {
    lanes.push_back(
        {.topic = topics.retry(channel, tier), .kind = LaneKind::kRetry, .delay = retry_delays[tier]});
  }
  return lanes;
}

}  // namespace bongsu::delivery
