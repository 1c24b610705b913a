#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace bongsu::smtp {

/// UTF-8 text as the unstructured value of a header field whose name and colon take `first_column`
/// characters: as it is where it is short plain ASCII, else as encoded words (RFC 2047, "B"), each at
/// most 75 characters, none splitting a character, one a line, no line over 76.
/// Precondition: well-formed UTF-8 without control characters.
std::string header_text(std::string_view utf8, std::size_t first_column);

/// The same for the display name of an address: a quoted string where it is plain ASCII.
std::string display_name(std::string_view utf8, std::size_t first_column);

}  // namespace bongsu::smtp
