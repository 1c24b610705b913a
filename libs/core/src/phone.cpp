#include <bongsu/core/phone.hpp>

#include <algorithm>

namespace bongsu {

bool is_phone_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int digits = 0;
  char before = '-';
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    const bool gap = (c == '-' || c == ' ') && before >= '0' && before <= '9';
    if (!digit && !gap) return false;
    digits += digit ? 1 : 0;
    before = c;
  }
  return before >= '0' && before <= '9' && digits >= 8 && digits <= 15;
}

std::string as_written_in_korea(std::string_view phone) {
  constexpr std::string_view kKorea = "+82";
  const auto rest = phone.substr(std::min(kKorea.size(), phone.size()));
  const bool digits_only = std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; });
  if (!phone.starts_with(kKorea) || !digits_only || rest.size() < 8 || rest.size() > 10)
    return std::string{phone};
  // Seoul's area code is 2, all others have two digits; the last four are a group.
  const std::size_t area = rest.starts_with('2') ? 1 : 2;
  std::string written{"0"};
  written.append(rest.substr(0, area)).append("-");
  written.append(rest.substr(area, rest.size() - area - 4)).append("-");
  return written.append(rest.substr(rest.size() - 4));
}

}  // namespace bongsu
