#pragma once
#include <bongsu/core/error.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bongsu {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view data);

std::string to_hex(std::string_view data);
std::string to_base64(std::string_view data);
/// Standard alphabet, with padding. Errors: kInvalidArgument.
Result<std::string> from_base64(std::string_view text);

/// Whether `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);
/// Unicode code points in well-formed UTF-8.
std::size_t count_characters(std::string_view utf8);

/// A size in bytes: "512", "64KiB", "16MiB", "1GiB". Errors: kInvalidArgument.
Result<std::uint64_t> parse_size(std::string_view text);

/// The whole file. Errors: kNotFound, kUnavailable, with the path.
Result<std::string> read_file(const std::string& path);

}  // namespace bongsu
