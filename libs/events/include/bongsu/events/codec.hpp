#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/events/cloud_events.hpp>

#include <optional>
#include <string>
#include <string_view>

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

namespace bongsu::events {

/// Reads a record's value into `message`: protobuf, or proto3's JSON mapping where unknown fields
/// are ignored. Nothing in a decoded message has been checked against a rule.
/// Errors: kInvalidArgument, detail `undecodable`: no value, an empty one, malformed bytes, a field
///   of the wrong type, text that is not UTF-8. The message names at most a field of ours, never a
///   value: it may be private.
Result<void> decode_into(google::protobuf::Message& message, std::optional<std::string_view> value,
                         ContentType type);

template <class Message>
Result<Message> decode(std::optional<std::string_view> value, ContentType type) {
  Message message;
  if (auto decoded = decode_into(message, value, type); !decoded) return std::unexpected(decoded.error());
  return message;
}

/// Protobuf bytes; the same message gives the same bytes.
std::string encode(const google::protobuf::Message& message);
/// proto3's JSON mapping, as ops.alert carries it.
std::string encode_json(const google::protobuf::Message& message);

google::protobuf::Timestamp to_proto(Timestamp time);
/// What is finer than a millisecond is cut. Nothing: outside the years 1 to 9999.
std::optional<Timestamp> from_proto(const google::protobuf::Timestamp& time);

}  // namespace bongsu::events
