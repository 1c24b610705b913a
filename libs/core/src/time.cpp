#include <bongsu/core/time.hpp>

#include <charconv>

#include <fmt/compile.h>
#include <fmt/format.h>

namespace bongsu {
namespace {

using std::chrono::milliseconds;

/// Reads exactly `digits` decimal digits off the front.
bool take_number(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

bool take_any(std::string_view& text, std::string_view expected) {
  if (text.empty() || expected.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text, std::chrono::year_month_day& date) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) || !take(text, '-') ||
      !take_number(text, 2, day)) {
    return false;
  }
  date = std::chrono::year{year} / month / day;
  return date.ok();
}

/// ".123456" as milliseconds; absent is none.
bool take_fraction(std::string_view& text, int& millis) {
  millis = 0;
  if (!take(text, '.')) return true;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) millis = millis * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  for (int i = digits; i < 3; ++i) millis *= 10;
  return digits > 0;
}

bool take_offset(std::string_view& text, std::chrono::minutes& offset) {
  offset = {};
  if (take_any(text, "zZ")) return true;
  const bool east = !text.empty() && text.front() == '+';
  if (!take_any(text, "+-")) return false;
  int hours = 0;
  int minutes = 0;
  if (!take_number(text, 2, hours) || !take(text, ':') || !take_number(text, 2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  if (!east) offset = -offset;
  return true;
}

struct Unit {
  std::string_view name;
  milliseconds length;
};
constexpr Unit kUnits[] = {{"d", std::chrono::hours{24}},
                           {"h", std::chrono::hours{1}},
                           {"m", std::chrono::minutes{1}},
                           {"s", std::chrono::seconds{1}},
                           {"ms", milliseconds{1}}};

void put_number(std::string& text, std::size_t at, std::size_t digits, std::int64_t number) {
  for (auto place = at + digits; place > at; number /= 10)
    text[--place] = static_cast<char>('0' + number % 10);
}

}  // namespace

Timestamp SystemClock::now() const {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}
std::chrono::steady_clock::time_point SystemClock::monotonic() const {
  return std::chrono::steady_clock::now();
}

// Digit by digit: every record that is published says its time.
std::string to_rfc3339(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string text = "0000-00-00T00:00:00.000Z";
  put_number(text, 11, 2, clock.hours().count());
  put_number(text, 14, 2, clock.minutes().count());
  put_number(text, 17, 2, clock.seconds().count());
  put_number(text, 20, 3, clock.subseconds().count());
  const int year{date.year()};
  if (year < 0 || year > 9999) return text.replace(0, 10, to_string(date));
  put_number(text, 0, 4, year);
  put_number(text, 5, 2, static_cast<unsigned>(date.month()));
  put_number(text, 8, 2, static_cast<unsigned>(date.day()));
  return text;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  auto rest = text;
  std::chrono::year_month_day date;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millis = 0;
  std::chrono::minutes offset{};
  const bool read = take_date(rest, date) && take_any(rest, "tT ") && take_number(rest, 2, hour) &&
                    take(rest, ':') && take_number(rest, 2, minute) && take(rest, ':') &&
                    take_number(rest, 2, second) && take_fraction(rest, millis) &&
                    take_offset(rest, offset) && rest.empty();
  // 60 is a leap second: RFC 3339 allows it, and it counts as the next minute's first.
  if (!read || hour > 23 || minute > 59 || second > 60) {
    return fail(ErrorCode::kInvalidArgument, "not an RFC 3339 time, such as 2026-11-21T12:00:00+09:00");
  }
  return Timestamp{std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                   std::chrono::seconds{second} + milliseconds{millis} - offset};
}

Result<std::chrono::year_month_day> parse_date(std::string_view text) {
  std::chrono::year_month_day date;
  if (!take_date(text, date) || !text.empty()) {
    return fail(ErrorCode::kInvalidArgument, "not a date, such as 1999-12-31");
  }
  return date;
}

std::string to_string(std::chrono::year_month_day date) {
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}"), static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::chrono::year_month_day date_in_seoul(Timestamp time) {
  return std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(time + std::chrono::hours{9})};
}

Result<milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit{end, text.data() + text.size()};
  for (const auto& known : kUnits) {
    if (error != std::errc{} || unit != known.name || count < 0) continue;
    if (count > milliseconds::max().count() / known.length.count()) break;
    return known.length * count;
  }
  return fail(ErrorCode::kInvalidArgument,
              "not a duration with its unit (ms, s, m, h, d), such as 500ms or 30s");
}

std::string to_string(milliseconds duration) {
  for (const auto& unit : kUnits) {
    if (duration.count() != 0 && duration % unit.length == milliseconds{0}) {
      return fmt::format("{}{}", duration / unit.length, unit.name);
    }
  }
  return "0ms";
}

std::string to_iso8601(milliseconds duration) {
  if (duration <= milliseconds{0}) return "PT0S";
  const std::chrono::hh_mm_ss parts{duration};
  std::string text = "PT";
  if (parts.hours().count() > 0) text += std::to_string(parts.hours().count()) + "H";
  if (parts.minutes().count() > 0) text += std::to_string(parts.minutes().count()) + "M";
  const auto seconds = parts.seconds().count();
  const auto fraction = parts.subseconds().count();
  if (fraction > 0) {
    auto digits = fmt::format(FMT_COMPILE("{:03}"), fraction);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += std::to_string(seconds) + "." + digits + "S";
  } else if (seconds > 0) {
    text += std::to_string(seconds) + "S";
  }
  return text;
}

}  // namespace bongsu
