#pragma once
#include <bongsu/events/topics.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bongsu::delivery {

/// What a topic means to a channel.
enum class LaneKind : std::uint8_t {
  kSignup,   ///< user.signed-up: each record becomes a greeting
  kRequest,  ///< transactional
  kBulk,
  kReplay,
  kRetry,
};

/// "signup", "request", …: for metrics and logs.
std::string_view name_of(LaneKind kind);

/// One topic, consumed by one bounded window.
struct Lane {
  std::string topic;
  LaneKind kind = LaneKind::kRequest;
  /// Retry lanes: how long after it was written a record becomes due.
  std::chrono::milliseconds delay{0};

  /// Others may write it: headers of ours are ignored, and clear text becomes a sealed request.
  bool upstream_may_write() const {
    return kind == LaneKind::kSignup || kind == LaneKind::kRequest || kind == LaneKind::kBulk;
  }
};

/// The lanes of a channel; `signups` where it greets new members.
std::vector<Lane> lanes_of(events::Channel channel, const events::Topics& topics,
                           const std::vector<std::chrono::milliseconds>& retry_delays, bool signups);

}  // namespace bongsu::delivery
