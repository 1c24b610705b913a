#include "resident_number.hpp"

#include <algorithm>

namespace bongsu::gateway {
namespace {

constexpr std::size_t kDigits = 13;
constexpr std::size_t kHyphenAt = 6;

int century_of(char seventh) {
  switch (seventh) {
    case '9':
    case '0':
      return 1800;
    case '3':
    case '4':
    case '7':
    case '8':
      return 2000;
    default:
      return 1900;
  }
}

}  // namespace

Result<std::chrono::year_month_day> birth_date_of(const PrivateText& resident_number) {
  std::string digits = resident_number.reveal();
  if (digits.size() == kDigits + 1 && digits[kHyphenAt] == '-') digits.erase(kHyphenAt, 1);
  const bool numeric = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits.size() != kDigits || !numeric) {
    return fail(ErrorCode::kInvalidArgument, "a resident number has 13 digits", "format");
  }
  const auto two = [&](std::size_t at) { return (digits[at] - '0') * 10 + (digits[at + 1] - '0'); };
  const std::chrono::year_month_day date{std::chrono::year{century_of(digits[6]) + two(0)},
                                         std::chrono::month{static_cast<unsigned>(two(2))},
                                         std::chrono::day{static_cast<unsigned>(two(4))}};
  if (!date.ok()) return fail(ErrorCode::kInvalidArgument, "a resident number begins with a date", "date");
  return date;
}

}  // namespace bongsu::gateway
