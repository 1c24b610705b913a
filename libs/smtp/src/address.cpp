#include <bongsu/smtp/address.hpp>

#include <algorithm>
#include <cstddef>

namespace bongsu::smtp {
namespace {

constexpr std::size_t kLongestLocalPart = 64;
constexpr std::size_t kLongestDomain = 253;
constexpr std::size_t kLongestLabel = 63;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_atom_character(char c) {
  return is_letter_or_digit(c) || std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

/// Splits at dots and asks `fits` of each part; an empty part never fits.
template <class Fits>
bool each_part(std::string_view text, Fits fits) {
  while (true) {
    const auto dot = text.find('.');
    const auto part = text.substr(0, dot);
    if (part.empty() || !fits(part)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_label(std::string_view label) {
  return label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

}  // namespace

bool is_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return false;
  const auto local = text.substr(0, at);
  const auto domain = text.substr(at + 1);
  if (local.size() > kLongestLocalPart || domain.size() > kLongestDomain) return false;
  return each_part(local,
                   [](std::string_view part) { return std::ranges::all_of(part, is_atom_character); }) &&
         domain.find('.') != std::string_view::npos && each_part(domain, is_label);
}

}  // namespace bongsu::smtp
