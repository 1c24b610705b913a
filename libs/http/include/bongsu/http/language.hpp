#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu::http {

enum class Language : std::uint8_t { kKorean, kEnglish };

/// One sentence for people, in both languages.
struct Text {
  std::string korean;
  std::string english;

  const std::string& in(Language language) const { return language == Language::kKorean ? korean : english; }
};

/// Whether an Accept-Language header (RFC 9110, 12.5.4) ranks English above Korean. Korean otherwise,
/// also for an empty or a broken header.
bool prefers_english(std::string_view accept_language);
inline Language language_of(std::string_view accept_language) {
  return prefers_english(accept_language) ? Language::kEnglish : Language::kKorean;
}

}  // namespace bongsu::http
