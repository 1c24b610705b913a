#include <bongsu/http/problem.hpp>

#include <boost/json.hpp>

namespace bongsu::http {
namespace {

namespace json = boost::json;

Problem make(int status, std::string code, Text title, Text message) {
  return {.status = status,
          .code = std::move(code),
          .title = std::move(title),
          .message = std::move(message),
          .errors = {},
          .retry_after = {},
          .headers = {}};
}

json::array errors_of(const Problem& problem, Language language) {
  json::array errors;
  for (const auto& error : problem.errors) {
    errors.push_back(
        json::object{{"field", error.field}, {"code", error.code}, {"message", error.message.in(language)}});
  }
  return errors;
}

std::string in_kib(std::size_t bytes) { return std::to_string(bytes >> 10) + " KiB"; }

}  // namespace

Response to_response(const Problem& problem, Language language) {
  json::object body{{"type", "urn:bongsu:problem:" + problem.code},
                    {"title", problem.title.in(language)},
                    {"status", problem.status},
                    {"success", false},
                    {"message", problem.message.in(language)},
                    {"code", problem.code}};
  if (!problem.errors.empty()) body["errors"] = errors_of(problem, language);
  Response response{.status = problem.status,
                    .content_type = "application/problem+json",
                    .body = json::serialize(body),
                    .headers = problem.headers};
  set(response.headers, "Content-Language", language == Language::kKorean ? "ko" : "en");
  if (problem.retry_after) set(response.headers, "Retry-After", std::to_string(problem.retry_after->count()));
  return response;
}

Problem invalid_request(std::vector<FieldError> errors) {
  auto problem = make(400, "invalid_request", {"잘못된 요청", "Invalid request"},
                      {"요청 형식이 올바르지 않습니다.", "The request is not valid."});
  problem.errors = std::move(errors);
  return problem;
}

Problem invalid_request(FieldError error) { return invalid_request(std::vector{std::move(error)}); }

Problem unauthorized() {
  auto problem = make(401, "unauthorized", {"인증 필요", "Unauthorized"},
                      {"유효한 인증 토큰이 필요합니다.", "A valid bearer token is required."});
  problem.headers = {{"WWW-Authenticate", "Bearer"}};
  return problem;
}

Problem forbidden(std::string_view role) {
  const std::string name{role};
  return make(403, "forbidden", {"권한 없음", "Forbidden"},
              {name + " 권한이 필요합니다.", "The role " + name + " is required."});
}

Problem not_found() {
  return make(404, "not_found", {"찾을 수 없음", "Not found"},
              {"요청한 대상을 찾을 수 없습니다.", "What was asked for does not exist."});
}

Problem method_not_allowed(std::string allowed) {
  auto problem =
      make(405, "method_not_allowed", {"허용되지 않는 메서드", "Method not allowed"},
           {"이 주소에서는 " + allowed + "만 사용할 수 있습니다.", "Only " + allowed + " can be used here."});
  problem.headers = {{"Allow", std::move(allowed)}};
  return problem;
}

Problem request_timeout() {
  return make(408, "request_timeout", {"요청 시간 초과", "Request timeout"},
              {"요청이 제때 도착하지 않았습니다.", "The request did not arrive in time."});
}

Problem payload_too_large(std::size_t limit) {
  return make(
      413, "payload_too_large", {"본문이 너무 큼", "Payload too large"},
      {"본문은 최대 " + in_kib(limit) + "입니다.", "The body may have at most " + in_kib(limit) + "."});
}

Problem unsupported_media_type(std::string_view expected) {
  const std::string name{expected};
  return make(415, "unsupported_media_type", {"지원하지 않는 형식", "Unsupported media type"},
              {"본문 형식은 " + name + "이어야 합니다.", "The body must be " + name + "."});
}

Problem header_too_large() {
  return make(431, "header_too_large", {"헤더가 너무 큼", "Request header fields too large"},
              {"요청 헤더가 너무 큽니다.", "The request's header is too large."});
}

Problem unavailable(std::chrono::seconds retry_after) {
  auto problem = make(503, "unavailable", {"일시적으로 이용 불가", "Service unavailable"},
                      {"지금은 처리할 수 없습니다. 잠시 후 다시 시도해 주세요.",
                       "This cannot be done right now. Please try again shortly."});
  problem.retry_after = retry_after;
  return problem;
}

Problem internal() {
  return make(500, "internal", {"내부 오류", "Internal error"},
              {"내부 오류가 발생했습니다.", "Something went wrong on our side."});
}

Problem problem_of(const Error& error) {
  const auto wait =
      std::chrono::ceil<std::chrono::seconds>(error.retry_after.value_or(std::chrono::seconds{1}));
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kRejected:
      return invalid_request(std::vector<FieldError>{});
    case ErrorCode::kUnauthorized:
      return unauthorized();
    case ErrorCode::kNotFound:
      return not_found();
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return make(409, "conflict", {"충돌", "Conflict"},
                  {"현재 상태에서는 처리할 수 없습니다.", "The current state does not allow this."});
    case ErrorCode::kRateLimited: {
      auto problem = make(429, "rate_limited", {"요청이 너무 많음", "Too many requests"},
                          {"요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
                           "There are too many requests. Please try again shortly."});
      problem.retry_after = wait;
      return problem;
    }
    case ErrorCode::kTimeout:
    case ErrorCode::kUnavailable:
    case ErrorCode::kExhausted:
    case ErrorCode::kCancelled:
      return unavailable(wait);
    case ErrorCode::kTooLarge:
    case ErrorCode::kInternal:
      break;
  }
  return internal();
}

}  // namespace bongsu::http
