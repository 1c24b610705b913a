#pragma once
#include <bongsu/core/error.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bongsu::rpc {

/// A field of the request that breaks a rule.
struct FieldViolation {
  std::string field;        ///< job.age_group
  std::string reason;       ///< stable, snake_case
  std::string description;  ///< for people: what to write instead

  friend bool operator==(const FieldViolation&, const FieldViolation&) = default;
};

/// What a call may end with instead of an answer: an Error, and what a program can read of it. On the wire:
/// the status' code and message, google.rpc.ErrorInfo (domain "bongsu"), BadRequest, RetryInfo.
struct Failure : Error {
  /// Stable, snake_case (on the wire in capitals); by itself the name of the code.
  std::string reason;
  std::vector<FieldViolation> fields;

  /// Any trouble from below. Its detail stays here; of kInternal the message as well.
  // NOLINTNEXTLINE(google-explicit-constructor): so that std::unexpected(error) is a Failure
  Failure(Error error) : Error(std::move(error)), reason(name_of(code)) {}
  Failure(ErrorCode failed, std::string why, std::string text, std::vector<FieldViolation> violations = {})
      : Error{.code = failed,
              .message = std::move(text),
              .detail = why,
              .sent = Sent::kNo,
              .retry_after = {}},
        reason(std::move(why)),
        fields(std::move(violations)) {}
};

template <class T>
using Answer = std::expected<T, Failure>;

/// `return refuse(ErrorCode::kNotFound, "job_not_found", "there is no such job");`
inline std::unexpected<Failure> refuse(ErrorCode code, std::string reason, std::string message,
                                       std::vector<FieldViolation> fields = {}) {
  return std::unexpected<Failure>(Failure{code, std::move(reason), std::move(message), std::move(fields)});
}

/// INVALID_ARGUMENT for these fields; the message names the first.
std::unexpected<Failure> refuse_fields(std::vector<FieldViolation> fields);

/// Who calls is known, and may not do that: PERMISSION_DENIED, where other kUnauthorized are UNAUTHENTICATED.
inline constexpr std::string_view kPermissionDenied = "permission_denied";

}  // namespace bongsu::rpc
