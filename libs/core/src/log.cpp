#include <bongsu/core/log.hpp>

#include <iterator>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace bongsu::log {
namespace {

spdlog::level::level_enum native(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kNothing:
      return spdlog::level::off;
  }
  return spdlog::level::err;
}

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("bongsu", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

std::string& process_name() {
  static std::string name = "bongsu";
  return name;
}

bool is_plain(std::string_view value) {
  return !value.empty() && value.find_first_of(" \"=\\\n\r\t") == std::string_view::npos;
}

/// A value that could be taken for more than one is quoted: one event stays one line.
void append(fmt::memory_buffer& line, std::string_view value) {
  if (is_plain(value)) {
    line.append(value);
    return;
  }
  line.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') line.push_back('\\');
    line.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  line.push_back('"');
}

struct Text {
  std::string operator()(std::string_view value) const { return std::string{value}; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const Uuid& value) const { return value.str(); }
  std::string operator()(std::chrono::milliseconds value) const { return to_string(value); }
  std::string operator()(auto number) const { return std::to_string(number); }
};

}  // namespace

void configure(std::string_view process, Level least) {
  process_name() = process;
  logger().set_level(native(least));
}

Result<Level> parse_level(std::string_view text) {
  if (text == "debug") return Level::kDebug;
  if (text == "info") return Level::kInfo;
  if (text == "warning") return Level::kWarning;
  if (text == "error") return Level::kError;
  return fail(ErrorCode::kInvalidArgument, "one of debug, info, warning, error");
}

void write(Level level, std::string_view event, Fields fields) {
  if (!logger().should_log(native(level))) return;
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), "{} {}", process_name(), event);
  for (const auto& field : fields) {
    fmt::format_to(std::back_inserter(line), " {}=", field.name);
    append(line, std::visit(Text{}, field.value));
  }
  logger().log(native(level), std::string_view{line.data(), line.size()});
}

}  // namespace bongsu::log
