#include "error.hpp"

#include <array>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace bongsu::postgres {
namespace {

std::string_view field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

// Appendix A of PostgreSQL's manual lists the codes.
ErrorCode code_of(std::string_view state) {
  const auto of_class = [&](std::string_view two) { return state.starts_with(two); };
  if (state == "23505" || state == "23P01") return ErrorCode::kAlreadyExists;
  if (of_class("22") || of_class("23")) return ErrorCode::kInvalidArgument;
  if (of_class("40") || state == "55P03") return ErrorCode::kConflict;
  if (state == "57014") return ErrorCode::kTimeout;
  if (state == "42501" || of_class("28")) return ErrorCode::kUnauthorized;
  if (state.empty() || of_class("08") || of_class("53") || of_class("57") || state == "25P03" ||
      state == "58030")
    return ErrorCode::kUnavailable;
  return ErrorCode::kInternal;
}

std::string_view words_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kAlreadyExists:
      return "a row like it exists";
    case ErrorCode::kInvalidArgument:
      return "a value breaks a rule";
    case ErrorCode::kConflict:
      return "lost against another transaction";
    case ErrorCode::kTimeout:
      return "ended by a timeout";
    case ErrorCode::kUnauthorized:
      return "not allowed";
    case ErrorCode::kUnavailable:
      return "cannot serve now";
    default:
      return "the statement failed";
  }
}

bool speaks_of_statement(std::string_view state) {
  static constexpr std::array<std::string_view, 9> kClasses{"0A", "25", "28", "3D", "3F",
                                                            "42", "53", "55", "57"};
  return state.size() == 5 &&
         std::find(kClasses.begin(), kClasses.end(), state.substr(0, 2)) != kClasses.end();
}

}  // namespace

Error error_of(const pg_result* result) {
  const auto state = field(result, PG_DIAG_SQLSTATE);
  const auto code = code_of(state);
  auto message = fmt::format("postgres: {}", words_of(code));
  if (!state.empty()) message += fmt::format(" (SQLSTATE {})", state);
  if (const auto name = field(result, PG_DIAG_CONSTRAINT_NAME); !name.empty())
    message += fmt::format(", constraint {}", name);
  else if (const auto table = field(result, PG_DIAG_TABLE_NAME); !table.empty())
    message += fmt::format(", table {}", table);
  if (speaks_of_statement(state)) message += fmt::format(": {}", field(result, PG_DIAG_MESSAGE_PRIMARY));
  return {.code = code,
          .message = std::move(message),
          .detail = std::string{state},
          .sent = ends_connection(result) ? Sent::kMaybe : Sent::kNo,
          .retry_after = {}};
}

bool ends_connection(const pg_result* result) {
  const auto severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity.empty() || severity == "FATAL" || severity == "PANIC";
}

}  // namespace bongsu::postgres
