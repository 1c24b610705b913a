#include "recipient.hpp"

#include <bongsu/core/phone.hpp>

#include <algorithm>

namespace bongsu::deadletters {
namespace {

constexpr std::string_view kKorea = "+82";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string digits_of(std::string_view phone) {
  std::string digits;
  std::ranges::copy_if(phone, std::back_inserter(digits), [](char c) { return is_digit(c) || c == '+'; });
  if (!digits.starts_with(kKorea)) return digits;
  digits.erase(0, kKorea.size());
  return digits.starts_with('0') ? digits : "0" + digits;
}

}  // namespace

std::string recipient_identity(std::string_view text) {
  const auto whole = trimmed(text);
  if (is_phone_number(whole)) return digits_of(whole);
  std::string identity{whole};
  if (identity.find('@') != std::string::npos) std::ranges::transform(identity, identity.begin(), lower);
  return identity;
}

Uuid recipient_hash(const security::KeyedHash& hash, std::string_view recipient) {
  const auto whole = hash.of("deadletters.recipient", recipient_identity(recipient));
  std::array<unsigned char, 16> bytes{};
  std::copy_n(whole.begin(), bytes.size(), bytes.begin());
  return Uuid{bytes};
}

}  // namespace bongsu::deadletters
