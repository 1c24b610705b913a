#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::ctl {

/// Where things are: a flag, else an environment variable, else the file `.local/env` that
/// deploy/local/up writes, looked for in the working directory and those above it.
class Environment {
 public:
  /// Of this process. A file that is not there is no error: the variables alone count then.
  static Environment of_process();

  Environment(std::map<std::string, std::string> variables, std::map<std::string, std::string> file)
      : variables_(std::move(variables)), file_(std::move(file)) {}

  /// `flag` when it is not empty, else the variable, else the file's; nothing: it is nowhere.
  std::optional<std::string> find(const std::string& flag, const std::string& name) const;

 private:
  std::map<std::string, std::string> variables_;
  std::map<std::string, std::string> file_;
};

/// Reads `NAME=value` lines as a shell would that sources them: "export " in front, quotes around the
/// value and comments are allowed, expansions are not. Other lines are left out.
std::map<std::string, std::string> parse_environment_file(std::string_view text);

}  // namespace bongsu::ctl
