#pragma once
#include <bongsu/delivery/rate_limit.hpp>
#include <bongsu/host/config.hpp>

namespace bongsu::config {

/// For a section `rate-limit`: requests-per-minute (0 = no limit), strategy (token-bucket, fixed-window,
/// sliding-window), burst (tokens; 0 = one second's worth), reserved-for-transactional (share, 0 … 0.9),
/// wait, slice, transit, clock-guard.
void bind(Section& section, delivery::RateLimit& settings);

}  // namespace bongsu::config
