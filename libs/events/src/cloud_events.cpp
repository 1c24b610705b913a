#include <bongsu/core/bytes.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/reasons.hpp>

#include <algorithm>

namespace bongsu::events {
namespace {

constexpr std::string_view kSpecVersion = "1.0";

std::unexpected<Error> undecodable(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message), std::string{reason::kUndecodable});
}

/// Media types compare without regard to case; parameters (charset) say nothing new here.
std::optional<ContentType> parse_content_type(std::string_view text) {
  text = text.substr(0, text.find(';'));
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  for (const auto type : {ContentType::kProtobuf, ContentType::kJson}) {
    if (text == name_of(type)) return type;
  }
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const auto type : {ContentType::kProtobuf, ContentType::kJson}) {
    if (lower == name_of(type)) return type;
  }
  return std::nullopt;
}

/// Text to go on with: upstream's bytes that are not UTF-8 count as missing.
std::string text_of(const Headers& headers, std::string_view name) {
  const auto value = find(headers, name);
  return value && is_utf8(*value) ? std::string{*value} : std::string{};
}

}  // namespace

std::string_view name_of(ContentType type) {
  return type == ContentType::kJson ? "application/json" : "application/protobuf";
}

Headers make_headers(const CloudEvent& event) {
  Headers headers;
  headers.reserve(12);  // room for those of Progress
  headers.push_back({std::string{header::kSpecVersion}, std::string{kSpecVersion}});
  headers.push_back({std::string{header::kId}, event.id});
  headers.push_back({std::string{header::kSource}, event.source});
  headers.push_back({std::string{header::kType}, event.type});
  if (event.time) headers.push_back({std::string{header::kTime}, to_rfc3339(*event.time)});
  headers.push_back({std::string{header::kContentType}, std::string{name_of(event.content_type)}});
  if (event.trace) headers.push_back({std::string{header::kTraceparent}, event.trace->traceparent()});
  return headers;
}

Result<ContentType> check_headers(const Headers& headers, std::string_view expected_type) {
  const auto version = find(headers, header::kSpecVersion);
  if (!version) return undecodable("header ce_specversion is missing");
  if (*version != kSpecVersion) return undecodable("header ce_specversion is not 1.0");

  const auto type = find(headers, header::kType);
  if (!type || type->empty()) return undecodable("header ce_type is missing");
  if (!expected_type.empty() && *type != expected_type) {
    return undecodable("header ce_type is not " + std::string{expected_type});
  }

  const auto content_type = find(headers, header::kContentType);
  if (!content_type) return undecodable("header content-type is missing");
  const auto parsed = parse_content_type(*content_type);
  if (!parsed) {
    return undecodable("header content-type is neither application/protobuf nor application/json");
  }
  return *parsed;
}

Result<CloudEvent> read_headers(const Headers& headers, std::string_view expected_type) {
  const auto content_type = check_headers(headers, expected_type);
  if (!content_type) return std::unexpected(content_type.error());
  CloudEvent event{.id = text_of(headers, header::kId),
                   .source = text_of(headers, header::kSource),
                   .type = std::string{find(headers, header::kType).value()},
                   .time = {},
                   .content_type = *content_type,
                   .trace = {}};
  if (const auto time = find(headers, header::kTime)) {
    if (const auto read = parse_rfc3339(*time)) event.time = *read;
  }
  if (const auto trace = find(headers, header::kTraceparent)) {
    if (auto read = TraceContext::parse(*trace)) event.trace = std::move(*read);
  }
  return event;
}

}  // namespace bongsu::events
