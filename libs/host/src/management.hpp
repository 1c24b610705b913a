#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/http/server.hpp>

#include <functional>
#include <string>
#include <vector>

namespace bongsu::host {

struct Check {
  std::string name;
  std::function<Result<void>()> run;
};

/// What /readyz tells.
struct Readiness {
  struct Line {
    std::string name;
    std::string error;  ///< empty: it holds
  };
  std::vector<Line> checks;

  bool ready() const;
  std::string json() const;
};

/// /livez, /readyz, /metrics and /config on an address of their own. That /livez answers at all is its
/// message: it runs on the one thread that does everything else.
class Management {
 public:
  struct Sources {
    std::function<Readiness()> readiness;
    std::function<std::string()> metrics;
    std::string configuration;  ///< JSON
  };

  /// Listens at once. Errors: kInvalidArgument, kUnavailable.
  static Result<Management> listen(const asio::any_io_executor& executor, const std::string& address,
                                   Sources sources);

  /// Where it listens, with the real port.
  const std::string& address() const { return address_; }

 private:
  Management(http::Server server, std::string address)
      : server_(std::move(server)), address_(std::move(address)) {}

  http::Server server_;
  std::string address_;
};

/// Writes `address` and a line's end to the file, all of it or nothing. Errors: kUnavailable.
Result<void> write_address_file(const std::string& path, std::string_view address);

}  // namespace bongsu::host
