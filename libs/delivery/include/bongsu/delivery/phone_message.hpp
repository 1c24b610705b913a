#pragma once
#include <bongsu/delivery/channel.hpp>

#include <string_view>

namespace bongsu::delivery {

/// What channels that reach phones have in common: the recipient is a phone number, and there is a text of at
/// most 10,000 characters. `channel` begins the message.
/// Errors: kInvalidArgument; detail is the field: recipient or content.
Result<void> check_phone_message(const Notification& notification, std::string_view channel);

}  // namespace bongsu::delivery
