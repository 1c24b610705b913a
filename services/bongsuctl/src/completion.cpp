#include "completion.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace bongsu::ctl {
namespace {

/// The command that the words before the last one name; options and what follows them are passed over.
const CLI::App* command_of(const CLI::App& app, const std::vector<std::string>& words) {
  const auto* command = &app;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    for (const auto* sub : command->get_subcommands(nullptr)) {
      if (sub->get_name() != words[i]) continue;
      command = sub;
      break;
    }
  }
  return command;
}

}  // namespace

std::vector<std::string> candidates(const CLI::App& app, const std::vector<std::string>& words) {
  const std::string begun = words.empty() ? "" : words.back();
  const auto* command = command_of(app, words);
  std::vector<std::string> found;
  const auto offer = [&](const std::string& word) {
    if (!word.empty() && word.starts_with(begun)) found.push_back(word);
  };
  for (const auto* sub : command->get_subcommands(nullptr)) {
    if (!sub->get_group().empty()) offer(sub->get_name());
  }
  if (begun.starts_with("-")) {
    for (const auto* from : {command, &app}) {
      for (const auto* option : from->get_options()) {
        for (const auto& name : option->get_lnames()) offer("--" + name);
      }
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::string bash_script() {
  return R"(_bongsuctl() {
  local IFS=$'\n'
  COMPREPLY=($("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _bongsuctl bongsuctl)";
}

}  // namespace bongsu::ctl
