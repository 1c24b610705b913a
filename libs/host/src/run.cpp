#include "embedded.hpp"
#include "host_impl.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/log.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/resource.h>
#include <unistd.h>

/// jemalloc reads it at its start. One thread allocates, librdkafka's a little: more arenas only keep memory
/// that nobody uses. What a burst has left behind goes back to the system within seconds. Hundreds of
/// records go through the same steps together: a thread keeps more than 20 blocks of a size at hand, and
/// looks less often whether it keeps too many.
extern "C" const char* malloc_conf;
const char* malloc_conf =
    "narenas:1,dirty_decay_ms:2000,muzzy_decay_ms:0,tcache_max:8192,thp:never,tcache_gc_incr_bytes:4194304,"
    "tcache_nslots_small_min:100";

namespace bongsu::host {
namespace {

constexpr int kFailed = 1;
constexpr int kMisconfigured = 2;
constexpr int kNotDrained = 3;

struct CommandLine {
  std::string config_file;
  bool check_only = false;
};

/// Nothing is destroyed on the way out: coroutines that are still suspended hold on to what the body
/// has already taken down, and everything that matters is in PostgreSQL and Kafka.
[[noreturn]] void leave(int exit_code) {
  std::fflush(nullptr);
  std::_Exit(exit_code);
}

/// An exit code when there is nothing to run.
std::optional<int> read_command_line(std::string_view name, int argc, char** argv, CommandLine& into) {
  CLI::App app{"Bongsu's " + std::string{name} + " service", std::string{name}};
  app.add_option("--config", into.config_file, "YAML file laid over the built-in configuration")
      ->type_name("FILE");
  app.add_flag("--check-config", into.check_only, "say whether the configuration is good, and end");
  app.set_version_flag("--version", std::string{name} + " " + BONGSU_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kMisconfigured;
  }
  return std::nullopt;
}

Result<config::Reader> read_configuration(std::string_view name, const std::string& file) {
  std::vector<config::Layer> layers;
  if (embedded_configuration != nullptr) {
    layers.push_back(
        {"services/" + std::string{name} + "/config.yaml", std::string{embedded_configuration()}});
  }
  if (!file.empty()) {
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    layers.push_back({file, std::move(*text)});
  }
  return config::Reader{layers, config::process_environment()};
}

asio::awaitable<void> enforce_drain_limit(Host::Impl& host) {
  co_await sleep_for(host.management.drain_limit);
  log::error("host.not_drained", {{"limit", host.management.drain_limit}});
  leave(kNotDrained);
}

/// Waits for SIGTERM or SIGINT; the first asks the body to stop, the second does not ask.
asio::awaitable<void> obey_signals(Host::Impl& host) {
  asio::signal_set signals{host.executor, SIGTERM, SIGINT};
  boost::system::error_code trouble;
  const int first = co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, trouble));
  log::info("host.stopping", {{"signal", ::sigabbrev_np(first)}, {"limit", host.management.drain_limit}});
  host.is_stopping = true;
  host.deadline = host.clock.monotonic() + host.management.drain_limit;
  // Should the one thread be stuck, the kernel keeps the limit.
  ::alarm(static_cast<unsigned>(std::chrono::ceil<std::chrono::seconds>(host.management.drain_limit).count() +
                                2));
  spawn(host.executor, "drain-limit", enforce_drain_limit(host));
  host.stop.notify_all();
  co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, trouble));
  log::warning("host.killed", {{"why", "told to stop twice"}});
  leave(kNotDrained);
}

/// A system's usual limit of 1,024 files is for programs that use select(); connections need more.
void allow_all_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
    log::warning("host.few_descriptors", {{"limit", limit.rlim_max}});
}

/// Runs the body, and ends the process with it before anything else gets a turn.
asio::awaitable<void> run_body(Host::Impl& impl, Body body) {
  Host host{impl};
  try {
    const auto ended = co_await body(host);
    if (!ended) {
      log::error(
          "host.failed",
          {{"error", ended.error().code}, {"why", ended.error().message}, {"detail", ended.error().detail}});
      leave(kFailed);
    }
  } catch (const NotStarting& reason) {
    leave(reason.exit_code());
  } catch (const std::exception& escaped) {
    log::error("host.failed", {{"why", escaped.what()}});
    leave(kFailed);
  }
  log::info("host.stopped");
  leave(0);
}

}  // namespace

int run(std::string_view name, int argc, char** argv, Body body) {
  allow_all_descriptors();
  ::signal(SIGPIPE, SIG_IGN);
  CommandLine command_line;
  if (const auto over = read_command_line(name, argc, argv, command_line)) return *over;
  log::configure(name, log::Level::kInfo);

  auto reader = read_configuration(name, command_line.config_file);
  if (!reader) {
    std::fprintf(stderr, "%s: --config: %s\n", std::string{name}.c_str(), reader.error().message.c_str());
    return kMisconfigured;
  }
  // One thread runs it and alone uses its sockets; others only post.
  asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  Host::Impl impl{std::string{name}, std::move(*reader), command_line.check_only, io.get_executor()};
  spawn(impl.executor, "signals", obey_signals(impl));
  spawn(impl.executor, "body", run_body(impl, std::move(body)));
  io.run();
  leave(kFailed);  // run_body ends the process; the signals alone keep the loop alive until then
}

}  // namespace bongsu::host
