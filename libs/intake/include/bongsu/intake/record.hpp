#pragma once
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/reasons.hpp>
#include <bongsu/intake/dead_letters.hpp>
#include <bongsu/kafka/record.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::intake {

/// Why a record cannot be used.
struct Unusable {
  std::string_view reason;  ///< undecodable or invalid_request
  std::string message;      ///< ours, without a value
  /// The record's value with what tells a person sealed; none: its bytes stay as they came.
  std::optional<std::string> sealed_value;
};

template <class T>
using Usable = std::expected<T, Unusable>;

inline std::unexpected<Unusable> unusable(std::string_view reason, std::string message) {
  return std::unexpected(Unusable{.reason = reason, .message = std::move(message), .sealed_value = {}});
}

/// What a record says, if its headers and its value are those of an event of this type.
template <class Message>
Usable<Message> decode(const kafka::Message& record, std::string_view type) {
  const auto head = events::read_headers(record.headers, type);
  if (!head) return unusable(events::reason::kUndecodable, head.error().message);
  auto event = events::decode<Message>(record.value, head->content_type);
  if (!event) return unusable(events::reason::kUndecodable, event.error().message);
  return std::move(*event);
}

/// The dead letter of a record.
DeadLetter letter_of(const kafka::Message& record, Unusable why, const std::string& group);

}  // namespace bongsu::intake
