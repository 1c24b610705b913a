#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::http {

/// Percent-decodes (RFC 3986, 2.1). Nothing for a broken escape, U+0000, or what is not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank);

}  // namespace bongsu::http
