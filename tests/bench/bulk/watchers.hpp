#pragma once
#include <support/stack/stack.hpp>

namespace bongsu::bench {

struct Watched {
  double latest_ms = 0;      ///< from a change's answer to the last watcher who was told, at worst
  double most_a_second = 0;  ///< messages that one watcher got in its busiest second
};

/// So many streams of WatchJob on one job of `stack`'s jobs service, while the job is paused and resumed
/// `changes` times, one after the other, and then as fast as it goes. Throws when a watcher misses a change.
Watched watch_job(support::Stack& stack, const std::string& job, int watchers, int changes);

}  // namespace bongsu::bench
