#include "status.hpp"

#include <bongsu/rpc/v1/status.pb.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace bongsu::rpc {
namespace {

constexpr std::string_view kDomain = "bongsu";
constexpr std::string_view kTypes = "type.googleapis.com/google.rpc.";
constexpr std::chrono::milliseconds kRetryDelay{1000};

std::string in_capitals(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string in_small_letters(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

grpc::StatusCode code_of(const Failure& failure) {
  switch (failure.code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kTooLarge:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case ErrorCode::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case ErrorCode::kAlreadyExists:
      return grpc::StatusCode::ALREADY_EXISTS;
    case ErrorCode::kConflict:
    case ErrorCode::kRejected:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case ErrorCode::kUnauthorized:
      return failure.reason == kPermissionDenied ? grpc::StatusCode::PERMISSION_DENIED
                                                 : grpc::StatusCode::UNAUTHENTICATED;
    case ErrorCode::kRateLimited:
    case ErrorCode::kExhausted:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case ErrorCode::kTimeout:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case ErrorCode::kUnavailable:
    case ErrorCode::kCancelled:
      return grpc::StatusCode::UNAVAILABLE;
    case ErrorCode::kInternal:
      break;
  }
  return grpc::StatusCode::INTERNAL;
}

ErrorCode code_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::OUT_OF_RANGE:
      return ErrorCode::kInvalidArgument;
    case grpc::StatusCode::NOT_FOUND:
      return ErrorCode::kNotFound;
    case grpc::StatusCode::ALREADY_EXISTS:
      return ErrorCode::kAlreadyExists;
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ABORTED:
      return ErrorCode::kConflict;
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return ErrorCode::kUnauthorized;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return ErrorCode::kRateLimited;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ErrorCode::kTimeout;
    case grpc::StatusCode::UNAVAILABLE:
      return ErrorCode::kUnavailable;
    case grpc::StatusCode::CANCELLED:
      return ErrorCode::kCancelled;
    case grpc::StatusCode::UNIMPLEMENTED:
      return ErrorCode::kRejected;
    default:
      return ErrorCode::kInternal;
  }
}

void add(v1::Status& status, std::string_view type, const google::protobuf::Message& detail) {
  auto& any = *status.add_details();
  any.set_type_url(std::string{kTypes} + std::string{type});
  any.set_value(detail.SerializeAsString());
}

bool asks_for_patience(grpc::StatusCode code) {
  return code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::RESOURCE_EXHAUSTED;
}

void add_details(v1::Status& status, const Failure& failure, grpc::StatusCode code) {
  v1::ErrorInfo info;
  info.set_reason(in_capitals(failure.reason));
  info.set_domain(std::string{kDomain});
  add(status, "ErrorInfo", info);
  if (!failure.fields.empty()) {
    v1::BadRequest bad;
    for (const auto& field : failure.fields) {
      auto& violation = *bad.add_field_violations();
      violation.set_field(field.field);
      violation.set_description(field.description);
      violation.set_reason(in_capitals(field.reason));
    }
    add(status, "BadRequest", bad);
  }
  if (failure.retry_after || asks_for_patience(code)) {
    const auto after = failure.retry_after.value_or(kRetryDelay);
    v1::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(after.count() / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<std::int32_t>(after.count() % 1000 * 1'000'000));
    add(status, "RetryInfo", retry);
  }
}

void read_detail(const google::protobuf::Any& detail, Failure& into) {
  const auto& type = detail.type_url();
  if (type.ends_with("/google.rpc.ErrorInfo")) {
    v1::ErrorInfo info;
    if (info.ParseFromString(detail.value())) into.detail = into.reason = in_small_letters(info.reason());
  } else if (type.ends_with("/google.rpc.BadRequest")) {
    v1::BadRequest bad;
    if (!bad.ParseFromString(detail.value())) return;
    for (const auto& violation : bad.field_violations()) {
      into.fields.push_back(
          {violation.field(), in_small_letters(violation.reason()), violation.description()});
    }
  } else if (type.ends_with("/google.rpc.RetryInfo")) {
    v1::RetryInfo retry;
    if (!retry.ParseFromString(detail.value())) return;
    into.retry_after = std::chrono::milliseconds{retry.retry_delay().seconds() * 1000 +
                                                 retry.retry_delay().nanos() / 1'000'000};
  }
}

}  // namespace

std::unexpected<Failure> refuse_fields(std::vector<FieldViolation> fields) {
  auto message = fields.front().field + ": " + fields.front().description;
  if (fields.size() > 1) message += " (and " + std::to_string(fields.size() - 1) + " more)";
  return refuse(ErrorCode::kInvalidArgument, "invalid_request", std::move(message), std::move(fields));
}

grpc::Status to_status(const Failure& failure) {
  const auto code = code_of(failure);
  const bool ours = failure.code != ErrorCode::kInternal;
  v1::Status status;
  status.set_code(code);
  status.set_message(ours ? failure.message : "internal error");
  add_details(status, failure, code);
  return {code, status.message(), status.SerializeAsString()};
}

Failure from_status(const grpc::Status& status) {
  Failure failure{Error{.code = code_of(status.error_code()), .message = status.error_message()}};
  if (status.error_code() == grpc::StatusCode::PERMISSION_DENIED) failure.reason = kPermissionDenied;
  const bool lost = failure.code == ErrorCode::kTimeout || failure.code == ErrorCode::kUnavailable ||
                    failure.code == ErrorCode::kCancelled;
  failure.sent = lost ? Sent::kMaybe : Sent::kNo;
  v1::Status details;
  if (status.error_details().empty() || !details.ParseFromString(status.error_details())) return failure;
  for (const auto& detail : details.details()) read_detail(detail, failure);
  return failure;
}

std::string_view name_of(grpc::StatusCode code) {
  static constexpr std::array<std::string_view, 17> kNames{
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto place = static_cast<std::size_t>(code);
  return place < kNames.size() ? kNames[place] : "UNKNOWN";
}

}  // namespace bongsu::rpc
