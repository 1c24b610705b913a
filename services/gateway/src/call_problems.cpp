#include "call_problems.hpp"

#include "problems.hpp"

#include <algorithm>
#include <cctype>

namespace bongsu::gateway {
namespace {

/// Of states that forbid a call, those that the caller can do something about.
struct Refusal {
  std::string_view reason;
  const char* title[2];
  const char* message[2];
};
constexpr Refusal kRefusals[] = {
    {"digest_mismatch",
     {"계획과 다른 요청", "Not what was planned"},
     {"digest가 계획과 다릅니다. 계획을 다시 확인하고 그 digest를 보내 주세요.",
      "This digest is not the plan's. Look at the plan again and send its digest."}},
    {"plan_expired",
     {"만료된 계획", "Plan expired"},
     {"계획의 유효 기간이 지났습니다. 새로 계획해 주세요.", "The plan has expired. Make a new one."}},
    {"nothing_matches",
     {"대상 없음", "Nothing matches"},
     {"조건에 맞는 미처리 실패 건이 없습니다. 조건을 넓혀 주세요.",
      "No open letter matches. Widen the filter; GET /api/admin/failures shows what there is."}},
    {"not_planned",
     {"이미 실행된 계획", "Not a plan any more"},
     {"이미 다르게 실행되었거나 끝난 재처리입니다. 상태를 조회해 주세요.",
      "This replay was executed in another way, or has ended. Ask for its progress."}},
};

/// "filter.page_token" is "filter.pageToken" in JSON.
std::string json_name(std::string_view field) {
  std::string name;
  bool upper = false;
  for (const char c : field) {
    if (c == '_') {
      upper = true;
      continue;
    }
    name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return name;
}

http::Problem invalid(const rpc::Failure& failure) {
  std::vector<http::FieldError> errors;
  errors.reserve(failure.fields.size());
  for (const auto& field : failure.fields) {
    errors.push_back({json_name(field.field),
                      field.reason,
                      {"허용되지 않는 값입니다.", "This is none of the allowed values."}});
  }
  return http::invalid_request(std::move(errors));
}

http::Problem not_now(const std::string& reason) {
  const auto* hit = std::find_if(std::begin(kRefusals), std::end(kRefusals),
                                 [&](const Refusal& refusal) { return refusal.reason == reason; });
  if (hit != std::end(kRefusals)) {
    return {.status = 409,
            .code = reason,
            .title = {hit->title[0], hit->title[1]},
            .message = {hit->message[0], hit->message[1]}};
  }
  return {.status = 409,
          .code = "failed_precondition",
          .title = {"현재 상태에서 할 수 없는 요청", "Not possible now"},
          .message = {"현재 상태에서는 할 수 없는 요청입니다.", "The state of things does not allow this."}};
}

}  // namespace

http::Problem problem_of_call(const rpc::Failure& failure) {
  switch (failure.code) {
    case ErrorCode::kInvalidArgument:
      return invalid(failure);
    case ErrorCode::kNotFound:
      return http::not_found();
    case ErrorCode::kAlreadyExists:
      return idempotency_conflict();
    case ErrorCode::kConflict:
      return not_now(failure.reason);
    case ErrorCode::kUnauthorized:
      return failure.reason == rpc::kPermissionDenied ? http::forbidden("") : http::unauthorized();
    default:
      return problem_of_failure(failure);
  }
}

}  // namespace bongsu::gateway
