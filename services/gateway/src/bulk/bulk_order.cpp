#include "bulk/bulk_order.hpp"

#include <bongsu/core/bytes.hpp>

namespace bongsu::gateway {
namespace {

using events::Channel;

constexpr std::string_view kNoFallback = "NONE";

Channel check_channel(const std::optional<std::string>& text, FieldErrors& errors) {
  if (!text) return Channel::kKakao;
  for (const auto channel : {Channel::kEmail, Channel::kKakao, Channel::kSms}) {
    if (events::upper_name_of(channel) == *text) return channel;
  }
  errors.add("channel", "invalid_value");
  return Channel::kKakao;
}

/// Only Kakao falls back, and only to SMS.
std::optional<Channel> check_fallback(const std::optional<std::string>& text, Channel channel,
                                      FieldErrors& errors) {
  if (!text) return channel == Channel::kKakao ? std::optional{Channel::kSms} : std::nullopt;
  if (*text == kNoFallback) return std::nullopt;
  if (*text != events::upper_name_of(Channel::kSms)) {
    errors.add("fallback", "invalid_value");
  } else if (channel != Channel::kKakao) {
    errors.add("fallback", "not_allowed");
  }
  return Channel::kSms;
}

void check_message(const std::optional<std::string>& text, FieldErrors& errors) {
  if (!text || text->find_first_not_of(" \t\r\n") == std::string::npos) {
    errors.add("message", "required");
  } else if (text->size() > events::kMaxBulkMessageBytes ||
             count_characters(*text) > events::kMaxBulkMessage) {
    errors.add("message", "too_long");
  } else if (!events::check_placeholders(*text)) {
    errors.add("message", "unknown_placeholder");
  }
}

}  // namespace

BulkOrder check(BulkDraft draft, FieldErrors& errors) {
  BulkOrder order;
  if (!draft.age_group) {
    errors.add("ageGroup", "required");
  } else if (const auto group = events::parse_age_group(*draft.age_group)) {
    order.age_group = *group;
  } else {
    errors.add("ageGroup", "invalid_value");
  }
  order.channel = check_channel(draft.channel, errors);
  order.fallback = check_fallback(draft.fallback, order.channel, errors);
  check_message(draft.message, errors);
  const auto purpose = events::parse_purpose(draft.purpose.value_or("TRANSACTIONAL"));
  if (purpose && draft.purpose != "") {
    order.purpose = *purpose;
  } else {
    errors.add("purpose", "invalid_value");
  }
  order.message = PrivateText{std::move(draft.message).value_or("")};
  return order;
}

std::string fingerprint(const BulkOrder& order) {
  std::string all;
  // Names of ours hold no line feed; the message comes last.
  for (const auto part :
       {events::name_of(order.age_group), events::name_of(order.channel),
        order.fallback ? events::name_of(*order.fallback) : kNoFallback, events::name_of(order.purpose)}) {
    all.append(part).push_back('\n');
  }
  return all + order.message.reveal();
}

}  // namespace bongsu::gateway
