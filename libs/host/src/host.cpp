#include "host_impl.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/core/log.hpp>
#include <bongsu/core/metrics.hpp>

#include <cstdio>
#include <cstdlib>

namespace bongsu::host {
namespace {

constexpr int kFailed = 1;
constexpr int kMisconfigured = 2;

void print(const std::string& name, const std::vector<config::Problem>& problems) {
  std::fprintf(stderr, "%s: the configuration has %zu mistake%s:\n", name.c_str(), problems.size(),
               problems.size() == 1 ? "" : "s");
  for (const auto& problem : problems) std::fprintf(stderr, "  %s\n", config::to_string(problem).c_str());
}

}  // namespace

Readiness Host::Impl::readiness() const {
  Readiness now;
  if (checks.empty()) now.checks.push_back({"start", "the service is starting"});
  for (const auto& check : checks) {
    const auto held = check.run();
    const auto error = held ? std::string{} : held.error().message;
    now.checks.push_back({check.name, !held && error.empty() ? "does not hold" : error});
  }
  if (is_stopping) now.checks.push_back({"stop", "the service is stopping"});
  return now;
}

void Host::Impl::start_management() {
  auto listening = Management::listen(executor, management.address,
                                      {.readiness = [this] { return readiness(); },
                                       .metrics =
                                           [this] {
                                             process.update();
                                             for (const auto& update : scrapes) update();
                                             return metrics::exposition();
                                           },
                                       .configuration = reader.json()});
  if (!listening) {
    log::error("host.start_failed", {{"why", listening.error().message},
                                     {"address", management.address},
                                     {"hint",
                                      "is it running already? set management.address or "
                                      "MANAGEMENT_ADDRESS to a free one"}});
    throw NotStarting{kFailed};
  }
  server = std::move(*listening);
  log::info("host.listening", {{"what", "management"}, {"address", server->address()}});
  const char* file = std::getenv("BONGSU_ADDRESS_FILE");
  if (file == nullptr) return;
  if (const auto written = write_address_file(file, server->address()); !written) {
    log::error("host.start_failed", {{"why", written.error().message}});
    throw NotStarting{kFailed};
  }
}

config::Section Host::begin_settings() {
  require(!impl_->configured, "settings() is called once, with everything that the service has");
  auto root = impl_->reader.root();
  root.settings("log", impl_->log);
  root.settings("management", impl_->management);
  return root;
}

void Host::complete_settings() {
  impl_->reader.refuse_unknown_keys();
  if (const auto& problems = impl_->reader.problems(); !problems.empty()) {
    print(impl_->name, problems);
    throw NotStarting{kMisconfigured};
  }
  if (impl_->check_only) {
    std::puts("ok");
    throw NotStarting{0};
  }
  log::configure(impl_->name, impl_->log.level);
  impl_->configured = true;
  impl_->start_management();
}

const std::string& Host::name() const { return impl_->name; }

asio::any_io_executor Host::executor() const {
  require(impl_->configured, "a service's body calls settings() first");
  return impl_->executor;
}

const Clock& Host::clock() const { return impl_->clock; }
Random& Host::random() const { return impl_->random; }

void Host::add_check(std::string name, std::function<Result<void>()> check) {
  impl_->checks.push_back({std::move(name), std::move(check)});
}

void Host::on_scrape(std::function<void()> update) { impl_->scrapes.push_back(std::move(update)); }

Result<void> Host::announce(std::string_view what, std::string_view address) {
  log::info("host.listening", {{"what", what}, {"address", address}});
  const char* file = std::getenv("BONGSU_ADDRESS_FILE");
  if (file == nullptr) return {};
  return write_address_file(std::string{file} + "." + std::string{what}, address);
}

bool Host::is_stopping() const { return impl_->is_stopping; }

asio::awaitable<void> Host::stopping() {
  while (!impl_->is_stopping) co_await impl_->stop.wait();
}

std::chrono::steady_clock::time_point Host::drain_deadline() const { return impl_->deadline; }

}  // namespace bongsu::host
