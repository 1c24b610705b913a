#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace bongsu::resilience {

/// When a provider counts as down, and how its recovery is noticed.
struct BreakerPolicy {
  std::size_t run = 5;                             ///< so many calls in a row have to fail …
  double share = 0.5;                              ///< … and this share of those that ended within `span`
  std::chrono::milliseconds span{1000};            ///< counted in whole milliseconds
  std::chrono::milliseconds probe_interval{1000};  ///< between two probes while it is open
};

/// How a call ended, as far as it tells whether the provider is there.
enum class Ended : std::uint8_t {
  kOk,
  kFailed,   ///< timeout, connection, 5xx; SMTP 421, 450, 451, 452
  kNeutral,  ///< all else: refused (4xx), asked for patience (429), credentials, given up by us
};

/// Stops the calls to a provider that is down, and lets one a second try. Pure: time is an argument.
///
/// It opens when the last `run` calls to end all failed and at least `share` of those that ended in the
/// last `span` did. What ends neutral is not counted at all: it neither is a failure nor breaks a row of
/// failures. While it is open one probe passes every `probe_interval`, whether or not the former one has
/// ended, so that a provider that hangs until the timeout hides its recovery from nobody. A probe's success
/// closes it; a probe that ends neutral was answered, so the next one may go at once.
///
/// Every call belongs to the period (between two changes) it began in and counts in no later one: what
/// times out after the provider has come back opens nothing. Only probes close it.
///
///   const auto permit = breaker.try_pass(now);
///   if (!permit) …wait until breaker.next_probe(), or fall back…
///   …the call…
///   if (breaker.ended(now, *permit, Ended::kOk) == Breaker::Change::kClosed) …alert: recovered, wake all…
///
/// Threads: one.
class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Leave for one call. Give it back to ended() when the call has ended; one that was not used after all
  /// ends neutral.
  struct Permit {
    bool probe = false;
    std::uint64_t period = 0;
  };
  enum class Change : std::uint8_t { kNone, kOpened, kClosed };

  /// `began` is where since() starts.
  explicit Breaker(BreakerPolicy policy = {}, Time began = {}) : policy_(policy), since_(began) {}

  /// Nothing while it is open and the next probe is not due.
  std::optional<Permit> try_pass(Time now);
  /// Tells of each change once: the caller raises one alert for it.
  Change ended(Time now, const Permit& permit, Ended how);

  bool is_open() const { return open_; }
  /// When it last opened or closed.
  Time since() const { return since_; }
  /// While open: when the next probe may go.
  Time next_probe() const { return next_probe_; }

 private:
  struct Moment {
    std::chrono::milliseconds at;
    std::size_t ended = 0;
    std::size_t failed = 0;
  };

  void count(Time now, bool failed);
  bool must_open() const;
  Change change(Time now, bool open);

  BreakerPolicy policy_;
  bool open_ = false;
  std::uint64_t period_ = 0;
  std::size_t failed_in_a_row_ = 0;
  std::size_t ended_ = 0;   ///< sums of moments_
  std::size_t failed_ = 0;  ///<
  std::deque<Moment> moments_;
  Time since_;
  Time next_probe_;
};

}  // namespace bongsu::resilience
