#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/events/v1/channel.pb.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace bongsu::events {

/// The way a notification takes. Each has its service and its topics.
enum class Channel : std::uint8_t { kEmail, kCoupon, kKakao, kSms };

inline constexpr std::array kChannels{Channel::kEmail, Channel::kCoupon, Channel::kKakao, Channel::kSms};

/// "email": in topics, ids, configuration, metrics and logs.
std::string_view name_of(Channel channel);
/// "EMAIL": in REST and in events' JSON.
std::string_view upper_name_of(Channel channel);
/// Either form. Errors: kInvalidArgument.
Result<Channel> parse_channel(std::string_view text);

v1::Channel to_proto(Channel channel);
/// Errors: kInvalidArgument for CHANNEL_UNSPECIFIED and for values of a later version.
Result<Channel> from_proto(v1::Channel channel);

/// Why a notification is sent: marketing needs consent, and stays out of the night.
enum class Purpose : std::uint8_t { kTransactional, kMarketing };

/// "TRANSACTIONAL", "MARKETING"
std::string_view name_of(Purpose purpose);
/// Empty is TRANSACTIONAL. Errors: kInvalidArgument.
Result<Purpose> parse_purpose(std::string_view text);

}  // namespace bongsu::events
