#pragma once
#include <bongsu/core/time.hpp>
#include <bongsu/core/trace.hpp>
#include <bongsu/http/problem.hpp>
#include <bongsu/http/request.hpp>
#include <bongsu/security/token.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>

/// What every handler asks of a request before it looks at the body.
namespace bongsu::gateway {

template <class T>
using Checked = std::expected<T, http::Problem>;

/// Who calls, if they have the role. Problems: 401 without a good token, 403 without the role.
Checked<security::Caller> authorize(const http::Request& request, security::TokenVerifier& tokens,
                                    std::string_view role, Timestamp now);

/// The Idempotency-Key, 1…255 visible ASCII characters; empty: none was sent. Problems: 400.
Checked<std::string> idempotency_key(const http::Request& request);

/// The caller's trace; nothing: none, or a broken one.
std::optional<TraceContext> trace_of(const http::Request& request);

/// The header on an answer that was given before.
inline constexpr std::string_view kReplayedHeader = "Idempotent-Replayed";

}  // namespace bongsu::gateway
