#pragma once
#include "sim_broker.hpp"
#include "sim_controls.hpp"
#include "sim_ledger.hpp"
#include "sim_provider.hpp"

#include <bongsu/delivery/engine.hpp>

#include <memory>
#include <optional>

namespace bongsu::world {

/// The simulation's time as a life sees it: each has a monotonic clock of its own, and a wall clock that
/// is a little wrong.
class SimClock final : public Clock {
 public:
  SimClock(const Simulation& sim, Duration monotonic_offset, std::chrono::milliseconds wall_offset)
      : sim_(sim), monotonic_offset_(monotonic_offset), wall_offset_(wall_offset) {}
  Timestamp now() const override;
  std::chrono::steady_clock::time_point monotonic() const override { return sim_.now() + monotonic_offset_; }

 private:
  const Simulation& sim_;
  Duration monotonic_offset_;
  std::chrono::milliseconds wall_offset_;
};

/// What the lives of a history share.
struct Shared {
  Simulation& sim;
  Database& database;
  Broker& broker;
  Provider& provider;
  Jobs& jobs;
  Witness& witness;
  const security::SealedBox& box;
  events::Topics topics;
  delivery::Settings settings;
};

/// One life of a process with its engine, on simulated parts.
class Process {
 public:
  Process(Shared& shared, int process, int number);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// SIGTERM.
  void stop();
  bool ended() const { return ended_.has_value(); }

  Life life;

 private:
  delivery::Tokens* tokens_of() { return settings_.rate_limit.is_limited() ? &tokens_ : nullptr; }

  SimClock clock_;
  SeededRandom random_;
  delivery::Settings settings_;
  SimLedger ledger_;
  SimTokens tokens_;
  SimLog log_;
  SimControls controls_;
  SimChannel channel_;
  std::unique_ptr<delivery::Engine> engine_;
  std::optional<Result<void>> ended_;
};

}  // namespace bongsu::world
