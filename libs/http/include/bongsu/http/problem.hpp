#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/http/response.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace bongsu::http {

/// What is wrong with one field. Codes are stable: required, wrong_type, unknown_field,
/// duplicate_field, too_short, too_long, too_few, too_many, too_small, too_large, not_allowed,
/// invalid_format, malformed, too_deep, invalid_character; services add their own.
struct FieldError {
  std::string field;  ///< a path, as in messages[3].recipient; empty for the body as a whole
  std::string code;
  Text message;
};

/// Why a request was not done: application/problem+json (RFC 9457).
struct Problem {
  int status = 500;
  std::string code;  ///< stable, snake_case; `type` is urn:bongsu:problem:{code}
  Text title;
  Text message;
  std::vector<FieldError> errors;
  std::optional<std::chrono::seconds> retry_after;
  Headers headers;
};

Response to_response(const Problem& problem, Language language);

/// The problems that every service has. A service's own are made the same way, beside their use.
Problem invalid_request(std::vector<FieldError> errors);
Problem invalid_request(FieldError error);
Problem unauthorized();
Problem forbidden(std::string_view role);
Problem not_found();
Problem method_not_allowed(std::string allowed);
Problem request_timeout();
Problem payload_too_large(std::size_t limit);
Problem unsupported_media_type(std::string_view expected);
Problem header_too_large();
Problem unavailable(std::chrono::seconds retry_after);
Problem internal();
/// By the error's code: 400, 401, 404, 409, 429, 503, else 500. Its message, which is for operators,
/// is not shown.
Problem problem_of(const Error& error);

}  // namespace bongsu::http
