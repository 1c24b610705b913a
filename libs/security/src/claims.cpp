#include "claims.hpp"

#include <bongsu/core/bytes.hpp>

#include <cmath>

#include <boost/json.hpp>

namespace bongsu::security {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestSubject = 255;
constexpr std::size_t kMostRoles = 64;
constexpr std::chrono::seconds kClockDifference{5};
constexpr double kLastSecond = 253402300799;  // the end of the year 9999

Result<json::object> parse_object(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return refuse("malformed", "not a JSON object");
  return std::move(value.as_object());
}

/// Base64url without padding (RFC 7515, 2).
Result<std::string> from_base64url(std::string_view text) {
  std::string standard{text};
  for (char& c : standard) {
    if (c == '+' || c == '/' || c == '=') return fail(ErrorCode::kInvalidArgument, "not base64url");
    c = c == '-' ? '+' : c == '_' ? '/' : c;
  }
  standard.append((4 - standard.size() % 4) % 4, '=');
  return from_base64(standard);
}

std::optional<std::string_view> text_at(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view{value->get_string().data(), value->get_string().size()};
}

/// NumericDate: seconds since 1970, a fraction allowed.
std::optional<Timestamp> time_at(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double seconds = value->to_number<double>();
  if (!(seconds >= 0 && seconds <= kLastSecond)) return std::nullopt;
  return Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(std::floor(seconds * 1000))}};
}

bool is_meant_for(const json::object& claims, std::string_view audience) {
  const auto* const value = claims.if_contains("aud");
  if (value == nullptr) return false;
  const auto is_us = [&](const json::value& entry) {
    return entry.is_string() &&
           std::string_view{entry.get_string().data(), entry.get_string().size()} == audience;
  };
  if (!value->is_array()) return is_us(*value);
  const auto& list = value->get_array();
  return std::ranges::any_of(list, is_us);
}

/// Nothing when `roles` is there and no list of texts.
std::optional<std::set<std::string, std::less<>>> roles_of(const json::object& claims) {
  std::set<std::string, std::less<>> roles;
  const auto* const value = claims.if_contains("roles");
  if (value == nullptr) return roles;
  if (!value->is_array() || value->get_array().size() > kMostRoles) return std::nullopt;
  for (const auto& role : value->get_array()) {
    if (!role.is_string()) return std::nullopt;
    roles.emplace(role.get_string().data(), role.get_string().size());
  }
  return roles;
}

}  // namespace

std::unexpected<Error> refuse(std::string detail, std::string why) {
  return fail(ErrorCode::kUnauthorized, "token refused: " + std::move(why), std::move(detail));
}

Result<TokenHeader> read_header(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refuse("malformed", "not three parts");
  }
  const auto text = from_base64url(token.substr(0, first));
  if (!text) return refuse("malformed", "the header is not base64url");
  const auto header = parse_object(*text);
  if (!header) return std::unexpected(header.error());
  const auto key_id = text_at(*header, "kid");
  const auto algorithm = text_at(*header, "alg");
  if (!key_id || !algorithm) return refuse("malformed", "the header lacks kid or alg");
  // RFC 7515, 4.1.11: what is marked critical and not understood must be refused.
  if (header->contains("crit")) return refuse("malformed", "the header asks for an extension");
  return TokenHeader{std::string{*key_id}, std::string{*algorithm}};
}

Result<Verified> judge_claims(std::string_view text, const TokenSettings& settings, Timestamp now) {
  const auto claims = parse_object(text);
  if (!claims) return std::unexpected(claims.error());
  const auto expires = time_at(*claims, "exp");
  const auto subject = text_at(*claims, "sub");
  if (!expires || !subject || subject->empty() || subject->size() > kLongestSubject) {
    return refuse("claims", "exp and sub are required");
  }
  if (*expires <= now) return refuse("expired", "expired");
  if (text_at(*claims, "iss") != settings.issuer) return refuse("issuer", "another issuer");
  if (!is_meant_for(*claims, settings.audience)) return refuse("audience", "meant for another audience");
  if (claims->contains("nbf")) {
    const auto not_before = time_at(*claims, "nbf");
    if (!not_before) return refuse("claims", "nbf is no time");
    if (*not_before > now + kClockDifference) return refuse("not_yet", "not valid yet");
  }
  auto roles = roles_of(*claims);
  if (!roles) return refuse("claims", "roles is no list of texts");
  return Verified{Caller{std::string{*subject}, std::move(*roles)}, *expires};
}

}  // namespace bongsu::security
