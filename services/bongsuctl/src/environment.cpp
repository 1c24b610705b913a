#include "environment.hpp"

#include <bongsu/core/bytes.hpp>

#include <filesystem>

#include <unistd.h>

namespace bongsu::ctl {
namespace {

constexpr std::string_view kFile = ".local/env";
constexpr std::string_view kPrefix = "BONGSU_";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    text = text.substr(1, text.size() - 2);
  }
  return std::string{text};
}

/// The nearest file at or above the working directory; empty when there is none.
std::string find_file() {
  std::error_code none;
  auto folder = std::filesystem::current_path(none);
  while (!none && !folder.empty()) {
    if (std::filesystem::is_regular_file(folder / kFile, none)) return (folder / kFile).string();
    if (folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
  return {};
}

}  // namespace

std::map<std::string, std::string> parse_environment_file(std::string_view text) {
  std::map<std::string, std::string> values;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with("export ")) line = trimmed(line.substr(7));
    const auto equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    values[std::string{line.substr(0, equals)}] = unquoted(line.substr(equals + 1));
  }
  return values;
}

Environment Environment::of_process() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (text.starts_with(kPrefix) && equals != std::string_view::npos) {
      variables[std::string{text.substr(0, equals)}] = std::string{text.substr(equals + 1)};
    }
  }
  std::map<std::string, std::string> file;
  if (const auto path = find_file(); !path.empty()) {
    if (const auto text = read_file(path)) file = parse_environment_file(*text);
  }
  return Environment{std::move(variables), std::move(file)};
}

std::optional<std::string> Environment::find(const std::string& flag, const std::string& name) const {
  if (!flag.empty()) return flag;
  for (const auto* source : {&variables_, &file_}) {
    if (const auto hit = source->find(name); hit != source->end() && !hit->second.empty()) return hit->second;
  }
  return std::nullopt;
}

}  // namespace bongsu::ctl
