#pragma once
#include <bongsu/resilience/limiter.hpp>

#include <chrono>

namespace bongsu::delivery {

/// How many calls a provider allows, all replicas together.
struct RateLimit {
  /// per_minute 0: no limit.
  resilience::LimitPolicy policy{.per_minute = 0};
  /// How long a request waits for a token before it goes back into the window, no attempt used.
  std::chrono::milliseconds wait_limit{5'000};

  bool is_limited() const { return policy.per_minute > 0; }
};

}  // namespace bongsu::delivery
