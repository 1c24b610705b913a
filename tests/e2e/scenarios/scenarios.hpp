#pragma once
#include "report.hpp"

#include <chrono>
#include <cstdint>
#include <string>

/// The long tests: each builds its world, puts it under load, does its harm and says what came of it.
/// Defaults are the sizes that have to hold (`tests/e2e/soak`); `tests/run` runs them small.
/// They throw when something does not happen in time.
namespace bongsu::scenarios {

/// The kakao service is killed at random moments.
struct Crash {
  std::int64_t requests = 20'000;
  int kills = 20;
  bool idempotent = true;  ///< whether the provider honours the key
  std::uint64_t seed = 1;
};
Report crash(const Crash& sizes);

/// A second replica joins and leaves under load.
struct Rebalance {
  int rebalances = 50;
};
Report rebalance(const Rebalance& sizes);

/// A replica is stopped with claims in hand, the other takes over, then it goes on.
struct Freeze {
  std::chrono::seconds stopped{30};
};
Report freeze(const Freeze& sizes);

/// Kafka, PostgreSQL and the provider are away under load, in turn and together.
struct Outage {
  std::chrono::seconds away{30};
  std::int64_t backlog = 15'000;  ///< at the beginning of each outage
  int connections = 20;
  bool in_turn = true;                  ///< else together only
  std::chrono::seconds first_send{10};  ///< at most, after each recovery
};
Report outage(const Outage& sizes);

/// Records that fail each time for their own sake, among others of the same partition.
struct Poison {
  std::chrono::seconds length{60};
  std::chrono::milliseconds backoff{1'000};        ///< a poisoned record waits so long, then twice that
  std::chrono::milliseconds longest_delay{1'000};  ///< of a neighbour
};
Report poison(const Poison& sizes);

/// SIGTERM under load; the successor goes on.
struct Term {
  int rounds = 10;
};
Report term(const Term& sizes);

/// Two replicas share a rate limit.
struct Limit {
  std::string strategy = "token-bucket";
  int per_minute = 500;
  std::int64_t requests = 1'000;
  /// Zero: until all are sent. Else so long, and then so much of the limit must have been used.
  std::chrono::seconds length{0};
  double least_use = 0.97;
};
Report limit(const Limit& sizes);

/// Transactional requests while bulk fills all of the provider's connections.
struct Lanes {
  std::int64_t bulk = 100'000;
  int transactional = 300;
  int connections = 50;
  int latency_ms = 50;
};
Report lanes(const Lanes& sizes);

/// The provider is dead, and requests wait.
struct Memory {
  std::int64_t requests = 1'000'000;
  std::chrono::seconds dead{600};
  double most_mib = 64;
};
Report memory(const Memory& sizes);

/// A bulk job is paused in the middle, again and again.
struct Pause {
  int members = 60'000;
  int rounds = 5;
  int connections = 50;
  std::chrono::milliseconds watched{4'000};        ///< so long nobody may be called, after …
  std::chrono::milliseconds silent_within{2'000};  ///< … this, from the call on
};
Report pause(const Pause& sizes);

/// Dead letters are indexed while deadletters is killed, and planned for a replay.
struct Letters {
  int letters = 100'000;
  int kills = 5;
};
Report letters(const Letters& sizes);

}  // namespace bongsu::scenarios
