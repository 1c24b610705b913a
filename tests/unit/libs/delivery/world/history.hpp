#pragma once
#include "process.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace bongsu::world {

/// What came of one history.
struct Verdict {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
  std::set<std::string> kinds;
  std::vector<std::string> lines;  ///< when traced
  std::size_t calls = 0;
  std::size_t fallbacks = 0;
  Duration lasted{};
};

/// Runs the history of this seed to its end, without one rule if so asked.
Verdict run_history(std::uint64_t seed, Rule without = Rule::kNone, bool traced = false);

}  // namespace bongsu::world
