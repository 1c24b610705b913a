#include <bongsu/http/language.hpp>

#include <algorithm>

namespace bongsu::http {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts what stands before `separator` off the front.
std::string_view take_until(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trimmed(part);
}

/// A weight, "0.8", in thousandths; 0 when it is none.
int weight_in(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  int weight = (text[0] - '0') * 1000;
  int place = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9') return 0;
    weight += (c - '0') * place;
    place /= 10;
  }
  return std::min(weight, 1000);
}

bool is_language(std::string_view tag, std::string_view name) {
  if (tag.size() < name.size() || (tag.size() > name.size() && tag[name.size()] != '-')) return false;
  return std::equal(name.begin(), name.end(), tag.begin(), [](char a, char b) { return a == (b | 0x20); });
}

}  // namespace

bool prefers_english(std::string_view accept_language) {
  int korean = 0;
  int english = 0;
  while (!accept_language.empty()) {
    auto entry = take_until(accept_language, ',');
    const auto tag = take_until(entry, ';');
    const int weight = entry.empty()             ? 1000
                       : entry.starts_with("q=") ? weight_in(trimmed(entry.substr(2)))
                                                 : 0;
    if (is_language(tag, "ko") || tag == "*") korean = std::max(korean, weight);
    if (is_language(tag, "en")) english = std::max(english, weight);
  }
  // Languages that stand with equal weights: Korean is what we speak.
  return english > korean;
}

}  // namespace bongsu::http
