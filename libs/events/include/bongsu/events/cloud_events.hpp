#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/headers.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/core/trace.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::events {

enum class ContentType : std::uint8_t { kProtobuf, kJson };
/// "application/protobuf", "application/json"
std::string_view name_of(ContentType type);

/// What the headers of a CloudEvents 1.0 record in Kafka's binary mode say.
struct CloudEvent {
  std::string id;
  std::string source;  ///< "/bongsu/gateway"
  std::string type;    ///< of event_types.hpp
  std::optional<Timestamp> time;
  ContentType content_type = ContentType::kProtobuf;
  std::optional<TraceContext> trace;
};

/// The headers of an event of ours.
Headers make_headers(const CloudEvent& event);

/// Checks what a record of type `expected_type` (empty: of any) must say of itself, and tells how its value
/// is written. Errors: as read_headers().
Result<ContentType> check_headers(const Headers& headers, std::string_view expected_type);

/// Reads and checks the headers of a record that should be of type `expected_type`; empty: of any.
/// An id, a source, a time or a traceparent that is missing or malformed is left empty: who needs
/// one asks for it.
/// Errors: kInvalidArgument, detail `undecodable`: ce_specversion, ce_type or content-type is
///   missing or wrong; the message names the header and never repeats its value.
Result<CloudEvent> read_headers(const Headers& headers, std::string_view expected_type);

}  // namespace bongsu::events
