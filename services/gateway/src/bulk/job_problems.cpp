#include "bulk/job_problems.hpp"

#include "problems.hpp"

namespace bongsu::gateway {
namespace {

http::Problem invalid(const rpc::Failure& failure) {
  std::vector<http::FieldError> errors;
  errors.reserve(failure.fields.size());
  for (const auto& field : failure.fields) {
    errors.push_back(
        {field.field, field.reason, {"허용되지 않는 값입니다.", "This is none of the allowed values."}});
  }
  return http::invalid_request(std::move(errors));
}

http::Problem not_now() {
  return {.status = 409,
          .code = "failed_precondition",
          .title = {"현재 상태에서 할 수 없는 요청", "Not possible now"},
          .message = {"작업의 현재 상태에서는 할 수 없습니다.", "The job is in no state for this."}};
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
      return not_now();
    case ErrorCode::kUnauthorized:
      return failure.reason == rpc::kPermissionDenied ? http::forbidden("") : http::unauthorized();
    default:
      return problem_of_failure(failure);
  }
}

}  // namespace bongsu::gateway
