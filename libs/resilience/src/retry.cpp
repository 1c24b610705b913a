#include <bongsu/resilience/retry.hpp>

#include <algorithm>
#include <cmath>

namespace bongsu::resilience {

using std::chrono::milliseconds;

std::optional<milliseconds> delay_before_next(const RetryPolicy& policy, int tries,
                                              std::optional<milliseconds> retry_after, Random& random) {
  if (tries >= policy.max_tries) return std::nullopt;
  if (retry_after && *retry_after > policy.longest_delay) return std::nullopt;

  const auto longest = static_cast<double>(policy.longest_delay.count());
  const double full = std::min(
      longest, static_cast<double>(policy.first_delay.count()) * std::pow(policy.multiplier, tries - 1));
  const auto spread = static_cast<std::uint64_t>(full * policy.jitter);
  const auto less = spread == 0 ? 0 : random.below(spread + 1);
  const milliseconds own{static_cast<std::int64_t>(full) - static_cast<std::int64_t>(less)};
  return std::max(own, retry_after.value_or(milliseconds{0}));
}

}  // namespace bongsu::resilience
