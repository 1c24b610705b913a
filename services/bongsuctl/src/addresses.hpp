#pragma once
#include "command_line.hpp"
#include "service_call.hpp"

#include <functional>
#include <memory>
#include <string>

namespace CLI {
class App;
}

/// Where services are, and commands on them: from a flag, a variable, .local/env.
namespace bongsu::ctl {

/// One address.
class Address {
 public:
  Address(const Environment& environment, std::string variable)
      : environment_(&environment), variable_(std::move(variable)) {}

  void add_to(CLI::App& command, const std::string& flag, const std::string& what);
  /// Usage error when it is nowhere.
  std::string get(const std::string& flag) const;

 private:
  const Environment* environment_;
  std::string variable_;
  std::shared_ptr<std::string> value_ = std::make_shared<std::string>();
};

/// A service that commands may be about.
struct KnownService {
  const char* name;
  const char* flag;
  const char* variable;
  const char* what;
};
inline constexpr KnownService kGateway{"gateway", "--gateway", "BONGSU_GATEWAY", "URL of the gateway"};
inline constexpr KnownService kJobs{"jobs", "--jobs", "BONGSU_JOBS", "host:port of the jobs service"};
inline constexpr KnownService kDeadLetters{"deadletters", "--deadletters", "BONGSU_DEADLETTERS",
                                           "host:port of the deadletters service"};

/// Its address, and the token that it is called with.
class ServiceAddress {
 public:
  ServiceAddress(const Environment& environment, const KnownService& service)
      : service_(service),
        address_(environment, service.variable),
        token_file_(environment, "BONGSU_TOKEN_FILE") {}

  void add_to(CLI::App& command);
  std::string address() const { return address_.get(service_.flag); }
  std::string token() const;
  /// For a command that calls it.
  ServiceOptions options() const;

 private:
  KnownService service_;
  Address address_;
  Address token_file_;
};

/// Adds the subcommands of `group` that call one service.
class ServiceCommands {
 public:
  ServiceCommands(CLI::App& group, const KnownService& service, const Environment& environment,
                  Invocation& invocation)
      : group_(group), service_(service), environment_(environment), invocation_(invocation) {}

  using Run = std::function<asio::awaitable<Result<Report>>(ServiceOptions)>;
  /// Looks at what was given once all of it is known; throws CLI::ParseError.
  using Check = std::function<void()>;

  CLI::App& add(const char* name, const char* what, Run run, Check check = [] {});

 private:
  CLI::App& group_;
  KnownService service_;
  const Environment& environment_;
  Invocation& invocation_;
};

}  // namespace bongsu::ctl
