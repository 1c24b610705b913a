#pragma once
#include <bongsu/core/error.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace bongsu {

/// Wall-clock time in milliseconds since 1970-01-01T00:00:00Z.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Where time comes from. Passed in, so that a test can be faster than time.
/// Threads: any. Lifetime: outlives its users.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  /// Never set back; for leases and timeouts.
  virtual std::chrono::steady_clock::time_point monotonic() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::chrono::steady_clock::time_point monotonic() const override;
};

/// RFC 3339 in UTC with milliseconds: 2026-11-21T03:55:23.000Z.
std::string to_rfc3339(Timestamp time);

/// RFC 3339 with any offset, seconds' fraction optional (what is finer than a millisecond is cut).
/// Errors: kInvalidArgument.
Result<Timestamp> parse_rfc3339(std::string_view text);

/// A calendar date, YYYY-MM-DD (ISO 8601). Errors: kInvalidArgument, also for 30 February.
Result<std::chrono::year_month_day> parse_date(std::string_view text);
std::string to_string(std::chrono::year_month_day date);

/// The date in Asia/Seoul (UTC+9, no daylight saving since 1988) at `time`.
std::chrono::year_month_day date_in_seoul(Timestamp time);

/// "500ms", "30s", "1m", "2h", "7d". Errors: kInvalidArgument (no unit, negative, unknown unit).
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// In the largest unit that loses nothing: 60,000 ms is "1m".
std::string to_string(std::chrono::milliseconds duration);
/// ISO 8601, in hours, minutes and seconds: PT1H2M3.5S; nothing or less is PT0S.
std::string to_iso8601(std::chrono::milliseconds duration);

}  // namespace bongsu
