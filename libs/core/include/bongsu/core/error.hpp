#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace bongsu {

/// What kind of trouble it is, as far as the caller can act on it.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,  ///< what was asked for breaks a rule; asking again changes nothing
  kNotFound,
  kAlreadyExists,
  kConflict,      ///< the state forbids it now (a lost race, a fenced owner)
  kUnauthorized,  ///< who asks is not known, or not allowed
  kRejected,      ///< the other side understood and refuses for good
  kRateLimited,   ///< the other side asks for patience
  kTimeout,
  kUnavailable,  ///< not reachable, or answering that it cannot serve now
  kExhausted,    ///< a stock or a queue of ours has run out
  kTooLarge,
  kCancelled,  ///< we are stopping
  kInternal,
};

/// Stable snake_case name, for logs, metrics and problem documents.
std::string_view name_of(ErrorCode code);

/// Whether what failed may have reached the other side all the same.
enum class Sent : std::uint8_t { kNo, kMaybe };

/// Expected trouble. `message` is for people and never holds private data or the words of a provider;
/// `detail` is for programs (an SQLSTATE, an SMTP or HTTP code, a field's name).
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string detail;
  Sent sent = Sent::kNo;
  std::optional<std::chrono::milliseconds> retry_after;
};

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(ErrorCode::kTimeout, "postgres: no answer within 1 s");`
inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string detail = {},
                                   Sent sent = Sent::kNo) {
  return std::unexpected<Error>(Error{.code = code,
                                      .message = std::move(message),
                                      .detail = std::move(detail),
                                      .sent = sent,
                                      .retry_after = {}});
}

}  // namespace bongsu
