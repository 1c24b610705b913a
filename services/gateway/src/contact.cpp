#include "contact.hpp"

#include <bongsu/core/bytes.hpp>

#include <algorithm>

namespace bongsu::gateway {
namespace {

constexpr std::size_t kMaxAddress = 254;
constexpr std::size_t kMaxLocal = 64;
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxName = 100;
constexpr std::size_t kMaxUserId = 255;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// RFC 5322, atext.
bool is_atom_character(char c) {
  return is_alnum(c) || std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

bool is_local_part(std::string_view text) {
  if (text.empty() || text.size() > kMaxLocal || text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atom_character(c); });
}

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > kMaxLabel || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '-' || is_alnum(c); });
}

bool is_domain(std::string_view text) {
  std::size_t labels = 0;
  std::string_view last;
  while (true) {
    const auto dot = text.find('.');
    last = text.substr(0, dot);
    if (!is_label(last)) return false;
    ++labels;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  // A last label of digits only would be an IP address.
  return labels >= 2 && !std::all_of(last.begin(), last.end(), is_digit);
}

bool is_control(std::string_view utf8, std::size_t at) {
  const auto c = static_cast<unsigned char>(utf8[at]);
  if (c < 0x20 || c == 0x7F) return true;
  // U+0080…U+009F, in UTF-8 C2 80 … C2 9F.
  return c == 0xC2 && at + 1 < utf8.size() && static_cast<unsigned char>(utf8[at + 1]) < 0xA0;
}

}  // namespace

Result<EmailAddress> parse_email(std::string_view text) {
  const auto at = text.find('@');
  if (text.size() > kMaxAddress || at == std::string_view::npos || !is_local_part(text.substr(0, at)) ||
      !is_domain(text.substr(at + 1))) {
    return fail(ErrorCode::kInvalidArgument, "not an email address");
  }
  std::string address{text};
  std::transform(address.begin() + static_cast<std::ptrdiff_t>(at), address.end(),
                 address.begin() + static_cast<std::ptrdiff_t>(at), lower);
  return EmailAddress{std::move(address)};
}

std::string email_identity(const EmailAddress& email) {
  std::string identity = email.reveal();
  std::transform(identity.begin(), identity.end(), identity.begin(), lower);
  return identity;
}

bool is_name(std::string_view text) {
  if (!is_utf8(text)) return false;
  const auto characters = count_characters(text);
  if (characters < 1 || characters > kMaxName) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_control(text, i)) return false;
  }
  return text.find_first_not_of(' ') != std::string_view::npos;
}

bool is_user_id(std::string_view text) {
  const bool plain =
      std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return !text.empty() && count_characters(text) <= kMaxUserId && plain;
}

}  // namespace bongsu::gateway
