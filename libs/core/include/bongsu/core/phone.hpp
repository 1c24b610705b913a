#pragma once
#include <string_view>

namespace bongsu {

/// Whether it can be a phone number: 8 to 15 digits (E.164), a + in front or not, hyphens or blanks between
/// them. Whether it is anybody's is the provider's to say.
bool is_phone_number(std::string_view text);

}  // namespace bongsu
