#include "problems.hpp"

#include <bongsu/core/log.hpp>

namespace bongsu::gateway {

using namespace std::chrono_literals;

http::Problem idempotency_conflict() {
  return {.status = 422,
          .code = "idempotency_conflict",
          .title = {"멱등성 키 충돌", "Idempotency conflict"},
          .message = {"같은 키가 다른 내용의 요청에 이미 사용되었습니다.",
                      "This key has been used for a request with another body."}};
}

http::Problem in_progress() {
  return {.status = 409,
          .code = "in_progress",
          .title = {"처리 중인 요청", "Request in progress"},
          .message = {"같은 키의 첫 요청이 아직 처리 중입니다. 잠시 후 다시 시도해 주세요.",
                      "The first request with this key is still being processed. Try again shortly."},
          .retry_after = 1s};
}

http::Problem email_taken() {
  return {.status = 409,
          .code = "email_taken",
          .title = {"이미 사용 중인 이메일", "Email taken"},
          .message = {"이미 가입된 이메일 주소입니다.", "A member with this email address exists already."}};
}

http::Problem problem_of_failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled:
    case ErrorCode::kExhausted:
      return http::unavailable(1s);
    default:
      log::error("gateway.not_stored",
                 {{"code", error.code}, {"why", error.message}, {"detail", error.detail}});
      return http::internal();
  }
}

}  // namespace bongsu::gateway
