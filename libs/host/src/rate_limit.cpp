#include <bongsu/host/rate_limit.hpp>

namespace bongsu::config {

using namespace std::chrono_literals;

void bind(Section& section, delivery::RateLimit& settings) {
  using resilience::LimitStrategy;
  auto& policy = settings.policy;
  section.number("requests-per-minute", policy.per_minute, 0, 10'000'000);
  section.choice("strategy", policy.strategy,
                 {{"token-bucket", LimitStrategy::kTokenBucket},
                  {"fixed-window", LimitStrategy::kFixedWindow},
                  {"sliding-window", LimitStrategy::kSlidingWindow}});
  section.number("burst", policy.burst, 0.0, 10'000'000.0);
  section.number("reserved-for-transactional", policy.reserve, 0.0, 0.9);
  section.milliseconds("wait", settings.wait_limit, 100ms, 1h);
  section.duration("slice", policy.slice, 50ms, 5s);
  section.duration("transit", policy.transit, 0ms, 5s);
  section.duration("clock-guard", policy.guard, 0ms, 10s);
}

}  // namespace bongsu::config
