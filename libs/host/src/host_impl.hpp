#pragma once
#include "management.hpp"
#include "process_metrics.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/host/config.hpp>
#include <bongsu/host/host.hpp>
#include <bongsu/host/settings.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bongsu::host {

/// Leaves the body before it has begun: thrown by settings<T>(), caught by run(), and nowhere else.
class NotStarting final : public std::exception {
 public:
  explicit NotStarting(int exit_code) : exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }
  const char* what() const noexcept override { return "the service does not start"; }

 private:
  int exit_code_;
};

struct Host::Impl {
  Impl(std::string service, config::Reader read, bool check, const asio::any_io_executor& on)
      : name(std::move(service)), reader(std::move(read)), check_only(check), executor(on), stop(on) {}

  std::string name;
  config::Reader reader;
  bool check_only;
  asio::any_io_executor executor;
  SystemClock clock;
  SystemRandom random;

  LogSettings log;
  ManagementSettings management;
  bool configured = false;

  std::vector<Check> checks;
  std::vector<std::function<void()>> scrapes;
  ProcessMetrics process;
  std::optional<Management> server;

  bool is_stopping = false;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  Signal stop;

  Readiness readiness() const;
  void start_management();
};

}  // namespace bongsu::host
