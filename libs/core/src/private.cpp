#include <bongsu/core/bytes.hpp>
#include <bongsu/core/private.hpp>

namespace bongsu {
namespace {

/// Bytes of the first UTF-8 character.
std::size_t first_character(const std::string& text) {
  std::size_t length = text.empty() ? 0 : 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
  return length;
}

}  // namespace

std::string EmailKind::mask(const std::string& text) {
  const auto at = text.rfind('@');
  if (at == std::string::npos || at == 0) return "***";
  return text.substr(0, std::min(first_character(text), at)) + "***" + text.substr(at);
}

std::string PhoneKind::mask(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  if (digits.size() < 8) return "***";
  return "***-****-" + digits.substr(digits.size() - 4);
}

std::string NameKind::mask(const std::string& text) { return text.substr(0, first_character(text)) + "**"; }

std::string TextKind::mask(const std::string& text) {
  return "(" + std::to_string(count_characters(text)) + " characters)";
}

std::string RecipientKind::mask(const std::string& text) {
  return text.find('@') == std::string::npos ? PhoneKind::mask(text) : EmailKind::mask(text);
}

}  // namespace bongsu
