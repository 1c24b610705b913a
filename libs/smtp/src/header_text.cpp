#include "header_text.hpp"

#include <bongsu/core/bytes.hpp>

#include <algorithm>

namespace bongsu::smtp {
namespace {

constexpr std::size_t kLongestLine = 76;
constexpr std::size_t kLongestWord = 75;
constexpr std::string_view kOpen = "=?UTF-8?B?";
constexpr std::string_view kClose = "?=";

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// Bytes of the character that begins at the front of well-formed UTF-8.
std::size_t first_character(std::string_view utf8) {
  const auto lead = static_cast<unsigned char>(utf8.front());
  if (lead < 0x80) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

/// How many bytes of text fit into an encoded word of at most `width` characters.
std::size_t capacity(std::size_t width) { return (width - kOpen.size() - kClose.size()) / 4 * 3; }

std::string encoded_words(std::string_view text, std::size_t first_column) {
  std::string out;
  auto room = capacity(std::min(kLongestWord, kLongestLine - first_column));
  while (!text.empty()) {
    std::size_t take = 0;
    while (take < text.size()) {
      const auto next = first_character(text.substr(take));
      if (take + next > room) break;
      take += next;
    }
    if (!out.empty()) out += "\r\n ";
    out.append(kOpen).append(to_base64(text.substr(0, take))).append(kClose);
    text.remove_prefix(take);
    room = capacity(kLongestWord);  // a continuation line: one space, then the word
  }
  return out;
}

}  // namespace

std::string header_text(std::string_view utf8, std::size_t first_column) {
  const bool as_it_is = is_plain(utf8) && utf8.find("=?") == std::string_view::npos &&
                        first_column + utf8.size() <= kLongestLine && !utf8.ends_with(' ') &&
                        !utf8.starts_with(' ');
  return as_it_is ? std::string{utf8} : encoded_words(utf8, first_column);
}

std::string display_name(std::string_view utf8, std::size_t first_column) {
  if (!is_plain(utf8) || utf8.find("=?") != std::string_view::npos ||
      2 * utf8.size() + first_column > kLongestLine)
    return encoded_words(utf8, first_column);
  std::string quoted = "\"";
  for (const char c : utf8) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace bongsu::smtp
