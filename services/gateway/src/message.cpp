#include "message.hpp"

#include "contact.hpp"

#include <bongsu/core/bytes.hpp>

#include <algorithm>

namespace bongsu::gateway {
namespace {

using events::Channel;

/// Coupons are nothing that can be written.
std::optional<Channel> message_channel(std::string_view text) {
  for (const auto channel : {Channel::kEmail, Channel::kKakao, Channel::kSms}) {
    if (events::upper_name_of(channel) == text) return channel;
  }
  return std::nullopt;
}

bool is_single_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Recipient check_recipient(Channel channel, const std::string& text, std::string_view field,
                          FieldErrors& errors) {
  if (channel == Channel::kEmail) {
    if (auto email = parse_email(text)) return Recipient{email->reveal()};
    errors.add(field, "invalid_email");
  } else {
    if (auto phone = parse_phone(text)) return Recipient{phone->reveal()};
    errors.add(field, "invalid_phone");
  }
  return {};
}

void check_client_message_id(const MessageDraft& draft, FieldErrors& errors) {
  if (!draft.client_message_id || draft.client_message_id->empty()) {
    errors.add("clientMessageId", "required");
  } else if (count_characters(*draft.client_message_id) > kMaxClientMessageId) {
    errors.add("clientMessageId", "too_long");
  } else if (!is_single_line(*draft.client_message_id)) {
    errors.add("clientMessageId", "control_characters");
  }
}

void check_texts(const MessageDraft& draft, std::optional<Channel> channel, FieldErrors& errors) {
  if (draft.subject) {
    if (channel && *channel != Channel::kEmail) {
      errors.add("subject", "not_allowed");
    } else if (count_characters(*draft.subject) > kMaxSubject) {
      errors.add("subject", "too_long");
    } else if (!is_single_line(*draft.subject)) {
      errors.add("subject", "control_characters");
    }
  }
  if (!draft.content || draft.content->empty()) {
    errors.add("content", "required");
  } else if (draft.content->size() > kMaxContentBytes || count_characters(*draft.content) > kMaxContent) {
    errors.add("content", "too_long");
  }
}

/// Mail cannot go to a number, nor a text message to an address.
bool shares_recipient(Channel a, Channel b) { return (a == Channel::kEmail) == (b == Channel::kEmail); }

std::optional<Message::Fallback> check_fallback(const MessageDraft::Fallback& draft,
                                                std::optional<Channel> first, FieldErrors& errors) {
  if (!draft.channel) {
    errors.add("fallback.channel", "required");
    return std::nullopt;
  }
  const auto channel = message_channel(*draft.channel);
  if (!channel) {
    errors.add("fallback.channel", "invalid_value");
    return std::nullopt;
  }
  if (channel == first) errors.add("fallback.channel", "not_allowed");
  Message::Fallback fallback{*channel, {}};
  if (draft.recipient) {
    fallback.recipient = check_recipient(*channel, *draft.recipient, "fallback.recipient", errors);
  } else if (first && !shares_recipient(*first, *channel)) {
    errors.add("fallback.recipient", "required");
  }
  return fallback;
}

void append(std::string& out, std::string_view field) {
  const auto size = static_cast<std::uint32_t>(field.size());
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((size >> shift) & 0xFFU));
  out.append(field);
}

}  // namespace

Message check(MessageDraft draft, FieldErrors& errors) {
  check_client_message_id(draft, errors);
  const auto channel = draft.channel ? message_channel(*draft.channel) : std::nullopt;
  if (!channel) errors.add("channel", draft.channel ? "invalid_value" : "required");

  Message message;
  if (!draft.recipient || draft.recipient->empty()) {
    errors.add("recipient", "required");
  } else if (channel) {
    message.recipient = check_recipient(*channel, *draft.recipient, "recipient", errors);
  }
  check_texts(draft, channel, errors);
  if (const auto purpose = events::parse_purpose(draft.purpose.value_or("TRANSACTIONAL"));
      purpose && draft.purpose != "") {
    message.purpose = *purpose;
  } else {
    errors.add("purpose", "invalid_value");
  }
  if (draft.expires_at) {
    if (const auto time = parse_rfc3339(*draft.expires_at)) {
      message.expires_at = *time;
    } else {
      errors.add("expiresAt", "invalid_time");
    }
  }
  if (draft.fallback) message.fallback = check_fallback(*draft.fallback, channel, errors);

  message.client_message_id = std::move(draft.client_message_id).value_or("");
  message.channel = channel.value_or(Channel::kEmail);
  message.subject = PrivateText{std::move(draft.subject).value_or("")};
  message.content = PrivateText{std::move(draft.content).value_or("")};
  return message;
}

bool expired(const Message& message, Timestamp now) {
  return message.expires_at && *message.expires_at <= now;
}

std::string fingerprint(const Message& message) {
  std::string all;
  all.reserve(message.content.reveal().size() + 256);
  append(all, message.client_message_id);
  append(all, events::name_of(message.channel));
  append(all, message.recipient.reveal());
  append(all, message.subject.reveal());
  append(all, message.content.reveal());
  append(all, events::name_of(message.purpose));
  append(all, message.expires_at ? std::to_string(message.expires_at->time_since_epoch().count()) : "");
  append(all, message.fallback ? events::name_of(message.fallback->channel) : "");
  append(all, message.fallback ? message.fallback->recipient.reveal() : "");
  return all;
}

}  // namespace bongsu::gateway
