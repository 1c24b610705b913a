#pragma once
#include <chrono>

namespace bongsu::deadletters {

struct PlanSettings {
  /// How long a plan may be executed.
  std::chrono::milliseconds valid{std::chrono::minutes{30}};
  /// Older notifications are beyond what the channels' ledgers remember, and would die again as expired.
  std::chrono::milliseconds oldest{std::chrono::days{29}};
};

struct ReplaySettings {
  PlanSettings plan;
  /// After which another replica goes on with what a dead one had begun.
  std::chrono::milliseconds lease{std::chrono::seconds{8}};
};

}  // namespace bongsu::deadletters
