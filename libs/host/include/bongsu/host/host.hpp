#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/core/random.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/host/config.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace bongsu::host {

/// What surrounds a service while it runs: configuration, one io_context and its thread, clock and
/// chance, health, metrics, and the wish to stop.
///
/// A body's first statement is settings<T>(); before it nothing else may be asked for.
/// Threads: the io_context's one thread. Lifetime: outlives the body.
class Host {
 public:
  struct Impl;
  explicit Host(Impl& impl) : impl_(&impl) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Reads the service's whole configuration, once: bind(config::Section&, Settings&) names the values.
  /// With the configuration good, the log's level is set and the management server listens. Otherwise,
  /// and with --check-config, it does not return: the process ends as run() says.
  template <class Settings>
  Settings settings() {
    Settings made;
    auto root = begin_settings();
    bind(root, made);
    complete_settings();
    return made;
  }

  const std::string& name() const;
  asio::any_io_executor executor() const;
  const Clock& clock() const;
  Random& random() const;

  /// Something that must hold for the service to be ready; asked at each /readyz, so it only looks at
  /// what is known and waits for nothing. A service without any check counts as starting.
  void add_check(std::string name, std::function<Result<void>()> check);
  /// Called before each /metrics, to bring gauges up to date.
  void on_scrape(std::function<void()> update);
  /// Tells where else the service can be reached: logged, and written to $BONGSU_ADDRESS_FILE.WHAT.
  /// Errors: kUnavailable, when the file cannot be written.
  Result<void> announce(std::string_view what, std::string_view address);

  bool is_stopping() const;
  /// Returns when the process has been told to stop (SIGTERM, SIGINT). The body then finishes what it
  /// has begun and returns; management.drain-limit later the process ends in any case.
  asio::awaitable<void> stopping();
  /// Until when the body must have returned; the far future while nobody wants it to stop.
  std::chrono::steady_clock::time_point drain_deadline() const;

 private:
  config::Section begin_settings();
  void complete_settings();

  Impl* impl_;
};

using Body = std::function<asio::awaitable<Result<void>>(Host&)>;

/// Runs a service: reads the command line and the configuration, starts the body, and stays until it
/// returns.
///
/// The configuration is services/NAME/config.yaml as it was at build time, then the file named by
/// --config, then the environment. --check-config reads it and says "ok" or what is wrong.
///
/// Exit codes: 0 the body ended well; 1 it failed, or the service could not start, and the log says why;
/// 2 the command line or the configuration is wrong; 3 the drain limit passed, or it was told to stop
/// twice.
/// Never returns to main once the body has ended: what is still suspended then refers to what is gone.
int run(std::string_view name, int argc, char** argv, Body body);

}  // namespace bongsu::host
