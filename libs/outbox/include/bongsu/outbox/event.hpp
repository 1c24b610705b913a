#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/headers.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/postgres/codec.hpp>

#include <compare>
#include <cstdint>
#include <string>

namespace bongsu::outbox {

/// What is to be published as one Kafka record. `id` is the event's (ce_id), or whatever the owner finds
/// its row by when Kafka refuses the record.
struct Event {
  Uuid id;
  std::string topic;
  std::string key;
  Headers headers;
  std::string value;
};

/// Where a row stands in the order of publication: by transaction, within it as inserted.
struct Position {
  postgres::Xid xid;
  std::int64_t sequence = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

/// Headers as they rest in a row: for each, the name's length (LEB128), the name, the value's length, the
/// value. Nothing else, so no headers are no bytes.
std::string encode(const Headers& headers);
/// Errors: kInvalidArgument when the bytes are not what encode() gives.
Result<Headers> decode_headers(std::string_view bytes);

}  // namespace bongsu::outbox
