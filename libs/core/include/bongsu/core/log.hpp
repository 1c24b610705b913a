#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/uuid.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

/// Logs are events with fields, one line each on standard error:
///   2026-11-21T03:55:23.120Z info  gateway delivery.claimed id=0193… attempt=2
/// Private types do not convert to a field; there is no way to log one but masked().
namespace bongsu::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError, kNothing };

/// Becomes text only when its line is written. Lifetime: of the expression that logs.
class Field {
 public:
  using Value = std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double, Uuid,
                             std::chrono::milliseconds>;

  Field(std::string_view name, std::string_view value) : name(name), value(value) {}
  Field(std::string_view name, const char* value) : name(name), value(std::string_view{value}) {}
  Field(std::string_view name, const std::string& value) : name(name), value(std::string_view{value}) {}
  Field(std::string_view name, bool value) : name(name), value(value) {}
  Field(std::string_view name, std::signed_integral auto value) : name(name), value(std::int64_t{value}) {}
  Field(std::string_view name, std::unsigned_integral auto value) : name(name), value(std::uint64_t{value}) {}
  Field(std::string_view name, double value) : name(name), value(value) {}
  Field(std::string_view name, const Uuid& value) : name(name), value(value) {}
  Field(std::string_view name, ErrorCode value) : name(name), value(name_of(value)) {}
  Field(std::string_view name, std::chrono::milliseconds value) : name(name), value(value) {}

  std::string_view name;
  Value value;
};

using Fields = std::initializer_list<Field>;

/// Sets the process' name in each line and the least level that is written. Call once, at start.
void configure(std::string_view process, Level least);
/// Errors: kInvalidArgument unless debug, info, warning or error.
Result<Level> parse_level(std::string_view text);

void write(Level level, std::string_view event, Fields fields = {});
inline void debug(std::string_view event, Fields fields = {}) { write(Level::kDebug, event, fields); }
inline void info(std::string_view event, Fields fields = {}) { write(Level::kInfo, event, fields); }
inline void warning(std::string_view event, Fields fields = {}) { write(Level::kWarning, event, fields); }
inline void error(std::string_view event, Fields fields = {}) { write(Level::kError, event, fields); }

}  // namespace bongsu::log
