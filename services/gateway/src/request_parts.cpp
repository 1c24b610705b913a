#include "request_parts.hpp"

#include "field_errors.hpp"

#include <algorithm>

namespace bongsu::gateway {
namespace {

constexpr std::size_t kMaxKey = 255;

bool is_visible(char c) { return c > 0x20 && c < 0x7F; }

}  // namespace

Checked<security::Caller> authorize(const http::Request& request, security::TokenVerifier& tokens,
                                    std::string_view role, Timestamp now) {
  const auto token = request.bearer_token();
  if (!token) return std::unexpected(http::unauthorized());
  auto caller = tokens.verify(*token, now);
  if (!caller) return std::unexpected(http::unauthorized());
  if (!caller->has(role)) return std::unexpected(http::forbidden(role));
  return std::move(*caller);
}

Checked<std::string> idempotency_key(const http::Request& request) {
  const auto key = request.header("Idempotency-Key");
  if (!key) return std::string{};
  if (key->empty() || key->size() > kMaxKey || !std::all_of(key->begin(), key->end(), is_visible)) {
    FieldErrors errors;
    errors.add("Idempotency-Key", "invalid_value");
    return std::unexpected(http::invalid_request(errors.take()));
  }
  return std::string{*key};
}

std::optional<TraceContext> trace_of(const http::Request& request) {
  const auto header = request.header("traceparent");
  if (!header) return std::nullopt;
  auto trace = TraceContext::parse(*header);
  if (!trace) return std::nullopt;
  return std::move(*trace);
}

}  // namespace bongsu::gateway
