#pragma once
#include <bongsu/core/time.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace bongsu::resilience {

/// What a provider is promised. The promise holds where the provider reads the requests.
enum class LimitStrategy : std::uint8_t {
  kTokenBucket,    ///< in any time t at most burst + rate × t
  kFixedWindow,    ///< in each UTC minute at most per_minute; nothing within `guard` of a minute's edges
  kSlidingWindow,  ///< in any 60 s at most per_minute
};

/// Tokens are leased: one granted at database time g may be used until g + valid_for and is read by the
/// provider up to `transit` later. Each strategy is reckoned so that its promise holds wherever in between.
struct LimitPolicy {
  LimitStrategy strategy = LimitStrategy::kTokenBucket;
  std::uint32_t per_minute = 100;  ///< at least 1
  double burst = 0;                ///< of the bucket; 0 = one second's worth; never below 1
  double reserve = 0;              ///< share that bulk can never take, 0 … 0.9
  /// The longest a token is leased. A bucket whose burst leaves less room leases for less.
  std::chrono::milliseconds slice{200};
  /// The longest from the check of a token to the provider's reading the request (connecting included).
  std::chrono::milliseconds transit{100};
  /// How far the provider's clock may be from the database's: fixed windows depend on it.
  std::chrono::milliseconds guard{250};
};

/// What was granted lately: one small value for all replicas, kept where they all see it. Every strategy
/// writes all of it, so a policy may change at any time and takes effect on what was granted before.
/// A fresh one: nothing was granted yet.
struct LimitState {
  /// Granted together; `at` is the time of the last.
  struct Cell {
    Timestamp at;
    std::uint32_t all = 0;
    std::uint32_t bulk = 0;  ///< of `all`
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  Timestamp at;             ///< of the levels
  double level = 0;         ///< tokens in the bucket
  double bulk_level = 0;    ///< tokens in bulk's own bucket; bulk takes from both
  std::vector<Cell> cells;  ///< of the last 60 s and a little, oldest first; at most 320
  friend bool operator==(const LimitState&, const LimitState&) = default;
};

/// How many could be sent now.
struct TokensWanted {
  std::uint32_t transactional = 0;
  std::uint32_t bulk = 0;
  friend bool operator==(const TokensWanted&, const TokensWanted&) = default;
};

struct TokensGranted {
  /// May be used for anything but bulk.
  std::uint32_t transactional = 0;
  /// May be used for anything.
  std::uint32_t bulk = 0;
  /// From before the asking, on the asker's monotonic clock; then they are void.
  std::chrono::milliseconds valid_for{0};
  /// When more may be had; 0: all was granted that was wanted.
  std::chrono::milliseconds ask_again{0};
  /// By the database's clock; names the grant to hand_back().
  Timestamp at;
};

/// Grants as many of the wanted tokens as the policy allows at `now` (the clock of the database that keeps
/// the state: one clock for all replicas), transactional ones first. Pure but for `state`, which must be
/// stored before a token is used. A clock set back grants nothing until it is where it was; one set back by
/// more than two minutes begins anew, as if a minute's worth had just been granted.
TokensGranted grant(const LimitPolicy& policy, LimitState& state, Timestamp now, const TokensWanted& wanted);

/// Takes back what was granted and surely never used nor will be. Tell it once: a second time would count
/// tokens twice. Gives windows their room back; a bucket's level stays, since what was not used may have
/// overflowed meanwhile.
void hand_back(LimitState& state, Timestamp granted_at, const TokensWanted& unused);

}  // namespace bongsu::resilience
