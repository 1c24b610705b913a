#pragma once
#include <bongsu/delivery/rate_limit.hpp>
#include <bongsu/resilience/breaker.hpp>
#include <bongsu/resilience/retry.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bongsu::delivery {

/// What becomes of a record that may have gone out although nobody knows how it ended.
enum class UnknownPolicy : std::uint8_t {
  kSendAgain,  ///< with the same key, marked `maybe_twice`
  kBury,       ///< dead letter `unknown_outcome`
};

/// How one process delivers. Defaults are those of the documentation (delivery/README.md).
struct Settings {
  resilience::RetryPolicy retry;
  /// How long a failed attempt waits in each retry topic, in the order of the topics.
  std::vector<std::chrono::milliseconds> retry_delays{std::chrono::minutes{1}, std::chrono::minutes{5}};
  UnknownPolicy unknown = UnknownPolicy::kSendAgain;
  /// Whether another channel takes over although this one may have delivered; its result says `maybe_twice`.
  bool fall_back_after_maybe = true;
  resilience::BreakerPolicy breaker;
  /// How many calls the provider allows, and how long a request waits for its turn before it is looked at
  /// again (expired meanwhile?) and an alert says so.
  RateLimit rate_limit;

  /// The window of a lane: records between reading and their end …
  std::size_t max_in_flight_records = 1'000;
  std::size_t max_in_flight_bytes = 16UL << 20U;
  /// … and offsets of a partition between its slowest record and the reading.
  std::int64_t max_ahead = 200'000;

  std::chrono::milliseconds commit_interval{500};
  /// How long giving up cleanly may take before it goes on uncleanly; below the group's patience.
  std::chrono::milliseconds give_up_limit{20'000};
  /// An owner's lease, and how often it is prolonged. A provider call must fit into lease − renewal.
  std::chrono::milliseconds lease{8'000};
  std::chrono::milliseconds renewal{2'000};
  std::chrono::milliseconds longest_call() const { return lease - renewal; }
  /// After taking a partition, before what a former owner left open is looked at.
  std::chrono::milliseconds grace{3'000};
  /// How long the ledger remembers; ids older than this less a day are not sent.
  std::chrono::milliseconds ledger_retention = std::chrono::days{30};
};

}  // namespace bongsu::delivery
