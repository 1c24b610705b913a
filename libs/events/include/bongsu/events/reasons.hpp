#pragma once
#include <array>
#include <string_view>

/// Why an attempt failed or a notification died: a closed set, safe as a metric's label.
namespace bongsu::events::reason {

inline constexpr std::string_view kUndecodable = "undecodable";
/// A rule of ours.
inline constexpr std::string_view kInvalidRequest = "invalid_request";
inline constexpr std::string_view kInvalidRecipient = "invalid_recipient";
inline constexpr std::string_view kUnauthorized = "unauthorized";
inline constexpr std::string_view kProviderRejected = "provider_rejected";
inline constexpr std::string_view kTimeout = "timeout";
inline constexpr std::string_view kUnavailable = "unavailable";
inline constexpr std::string_view kRateLimited = "rate_limited";
inline constexpr std::string_view kOutOfStock = "out_of_stock";
inline constexpr std::string_view kExpired = "expired";
inline constexpr std::string_view kUnknownOutcome = "unknown_outcome";
inline constexpr std::string_view kInternal = "internal";

// Why nothing was sent, by decision; nobody died of it, so they are not among kAll.
inline constexpr std::string_view kPaused = "paused";
inline constexpr std::string_view kCancelled = "cancelled";

inline constexpr std::array kAll{kUndecodable,      kInvalidRequest, kInvalidRecipient, kUnauthorized,
                                 kProviderRejected, kTimeout,        kUnavailable,      kRateLimited,
                                 kOutOfStock,       kExpired,        kUnknownOutcome,   kInternal};

/// Whether it is one of the set.
constexpr bool is_known(std::string_view text) {
  for (const auto known : kAll) {
    if (known == text) return true;
  }
  return false;
}

}  // namespace bongsu::events::reason
