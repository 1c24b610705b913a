#pragma once
#include <bongsu/rpc/failure.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// Lists in pages (AIP-158).
namespace bongsu::rpc {

inline constexpr std::int32_t kDefaultPageSize = 50;
inline constexpr std::int32_t kMaxPageSize = 1000;

/// 0 is the default, more than the most is the most. Errors: INVALID_ARGUMENT, below zero.
Answer<std::int32_t> page_size_of(std::int32_t asked);

/// Where the next page begins. `query` is everything that decides what is listed, save the page's size and
/// token: with another one the token is refused. `position` is the list's own, and comes back as it was.
std::string make_page_token(std::string_view query, std::string_view position);
/// Errors: INVALID_ARGUMENT, on page_token: no token of ours, or of another query.
Answer<std::string> read_page_token(std::string_view token, std::string_view query);

}  // namespace bongsu::rpc
