#include <bongsu/core/phone.hpp>

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

}  // namespace bongsu
