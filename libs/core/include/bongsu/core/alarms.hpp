#pragma once
#include <chrono>
#include <cstdint>
#include <functional>

namespace bongsu {

/// Wakes those who sleep in the place of the machine's clock, so that a simulation is faster than time
/// and the same seed gives the same run.
/// Threads: the one that runs the simulation. Lifetime: outlives every sleeper.
class Alarms {
 public:
  using Id = std::uint64_t;
  virtual ~Alarms() = default;
  /// Calls `ring` once after `duration` of simulated time, never from within set().
  virtual Id set(std::chrono::steady_clock::duration duration, std::function<void()> ring) = 0;
  /// It will not ring; nothing happens when it has rung.
  virtual void cancel(Id id) = 0;
};

/// From here on sleep_for() and Signal::wait_for() are woken by `alarms`; null: by the machine's clock,
/// which is what a process has from its start.
void use_alarms(Alarms* alarms);

}  // namespace bongsu
