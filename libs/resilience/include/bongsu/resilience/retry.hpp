#pragma once
#include <bongsu/core/random.hpp>

#include <chrono>
#include <optional>

namespace bongsu::resilience {

/// How often and how fast one attempt calls the provider.
struct RetryPolicy {
  int max_tries = 3;                                ///< calls of one attempt in all; at least 1
  std::chrono::milliseconds first_delay{1000};      ///< before the second call
  double multiplier = 2.0;                          ///< each further delay is this much longer
  double jitter = 0.0;                              ///< share of a delay that is left to chance, 0 … 1
  std::chrono::milliseconds longest_delay{30'000};  ///< also the longest Retry-After that is waited for
};

/// How long to wait before the next call after `tries` calls have failed (1 = the first), or nothing
/// when the attempt is over: no call is left, or the provider asks for more patience than
/// `longest_delay`. A provider's Retry-After takes the place of a shorter delay. Pure but for the dice.
std::optional<std::chrono::milliseconds> delay_before_next(
    const RetryPolicy& policy, int tries, std::optional<std::chrono::milliseconds> retry_after,
    Random& random);

}  // namespace bongsu::resilience
