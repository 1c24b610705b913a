#pragma once
#include <string>
#include <string_view>

namespace bongsu {

/// Whether it can be a phone number: 8 to 15 digits (E.164), a + in front or not, hyphens or blanks between
/// them. Whether it is anybody's is the provider's to say.
bool is_phone_number(std::string_view text);

/// A Korean number in E.164 as it is written in Korea: +821012345678 → 010-1234-5678, +8221234567 →
/// 02-123-4567. Any other text stays as it is.
std::string as_written_in_korea(std::string_view phone);

}  // namespace bongsu
