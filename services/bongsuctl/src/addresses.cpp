#include "addresses.hpp"

#include <bongsu/core/bytes.hpp>

#include <cctype>

#include <CLI/CLI.hpp>

namespace bongsu::ctl {

void Address::add_to(CLI::App& command, const std::string& flag, const std::string& what) {
  command.add_option(flag, *value_, what + " [" + variable_ + "]");
}

std::string Address::get(const std::string& flag) const {
  auto found = environment_->find(*value_, variable_);
  if (!found) throw CLI::RequiredError(flag + " (or " + variable_ + ", or .local/env)");
  return *found;
}

void ServiceAddress::add_to(CLI::App& command) {
  address_.add_to(command, service_.flag, service_.what);
  token_file_.add_to(command, "--token-file", "holds a bearer token");
}

std::string ServiceAddress::token() const {
  const auto path = token_file_.get("--token-file");
  auto token = read_file(path);
  if (!token) throw CLI::ValidationError("--token-file", path + ": cannot be read");
  while (!token->empty() && std::isspace(static_cast<unsigned char>(token->back())) != 0) token->pop_back();
  return *token;
}

ServiceOptions ServiceAddress::options() const {
  return {.service = service_.name, .address = address(), .token = token()};
}

CLI::App& ServiceCommands::add(const char* name, const char* what, Run run, Check check) {
  auto* command = group_.add_subcommand(name, what);
  ServiceAddress service{environment_, service_};
  service.add_to(*command);
  command->callback([service, run = std::move(run), check = std::move(check), &invocation = invocation_] {
    check();
    // Flags of the whole tool may stand behind the command: they are known when it runs.
    invocation.command = [options = service.options(), run, &invocation]() mutable {
      options.format = invocation.format;
      options.yes = invocation.yes;
      options.timeout = invocation.timeout;
      return run(options);
    };
  });
  return *command;
}

}  // namespace bongsu::ctl
