#include "gateway.hpp"

#include "bulk/bulk_intake.hpp"
#include "known_keys.hpp"
#include "result_intake.hpp"
#include "signup_intake.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/host/alerts.hpp>
#include <bongsu/host/checks.hpp>
#include <bongsu/outbox/kafka_publisher.hpp>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;

/// Requests under way may take that long at the end, and then what the relay has in flight.
constexpr std::string_view kName = "gateway";
constexpr auto kServerDrain = 8s;
constexpr auto kExpanderDrain = 5s;
constexpr auto kRelayDrain = 8s;
/// Longer than any record of it may be read again.
constexpr std::chrono::milliseconds kKeepEndedJobs = std::chrono::days{30};
constexpr std::size_t kForgetAtOnce = 1000;
constexpr std::chrono::milliseconds kForgetEvery = 1min;
constexpr std::chrono::milliseconds kForgetPause = 100ms;

}  // namespace

Gateway::Gateway(host::Host& host, Settings settings, host::Secrets secrets)
    : host_(host),
      settings_(std::move(settings)),
      secrets_(std::move(secrets)),
      topics_(settings_.kafka.topics()),
      pool_(host.executor(), settings_.postgres),
      relay_(host.executor(), {.database = settings_.postgres},
             outbox::kafka_publisher(host.executor(), settings_.kafka.producer()),
             [this](const outbox::Refused& refused) {
               return host::alert_refused(pool_, topics_, refused, std::string{kName}, host_.clock().now());
             }),
      ended_(host.executor()),
      jobs_(pool_, settings_.expansion.lease),
      jobs_service_(host.executor(), settings_.jobs_address),
      deadletters_service_(host.executor(), settings_.deadletters_address),
      rest_({.executor = host.executor(),
             .pool = pool_,
             .secrets = secrets_,
             .topics = topics_,
             .random = host.random(),
             .clock = host.clock(),
             .group_commit = settings_.group_commit,
             .job_store = jobs_,
             .jobs = jobs_service_,
             .deadletters = deadletters_service_,
             .on_stored = [this] { relay_.wake(); }}),
      letters_(host.executor(), settings_.kafka.producer(), topics_.events_dlq()),
      requests_(secrets_.box, topics_, host.random(), host.clock()),
      expander_(
          host.executor(), jobs_, requests_, host.clock(),
          [this] { return kafka::Producer::open(host_.executor(), settings_.kafka.producer()); },
          settings_.expansion) {}

std::map<std::string, intake::Take> Gateway::takes() {
  const SignupIntakeParts parts{.pool = pool_,
                                .events = rest_.events(),
                                .fingerprints = rest_.fingerprints(),
                                .clock = host_.clock(),
                                .group = settings_.kafka.group(kName)};
  const BulkIntakeParts bulk{
      .jobs = jobs_, .group = settings_.kafka.group(kName), .on_work = [this] { expander_.wake(); }};
  return {{topics_.bulk_requested(),
           [bulk](const std::vector<kafka::Message>& records) { return take_bulk_requests(bulk, records); }},
          {topics_.job_control(),
           [bulk](const std::vector<kafka::Message>& records) { return take_controls(bulk, records); }},
          {topics_.result(),
           [this](const std::vector<kafka::Message>& records) {
             return take_results(pool_, settings_.kafka.group(kName), records);
           }},
          {topics_.signed_up(),
           [parts](const std::vector<kafka::Message>& records) { return take_signups(parts, records); }}};
}

Result<void> Gateway::listen() {
  auto consumer = kafka::Consumer::open(
      host_.executor(), {.cluster = settings_.kafka.cluster, .group = settings_.kafka.group(kName)});
  if (!consumer) return std::unexpected(consumer.error());
  intake_.emplace(host_.executor(), std::move(*consumer), takes(), letters_);

  auto server = http::Server::listen(host_.executor(), settings_.http, rest_.router());
  if (!server) return std::unexpected(server.error());
  server_.emplace(std::move(*server));
  return host_.announce("http", settings_.http.host + ":" + std::to_string(server_->port()));
}

Result<std::unique_ptr<Gateway>> Gateway::open(host::Host& host, Settings settings, host::Secrets secrets) {
  auto gateway = std::make_unique<Gateway>(host, std::move(settings), std::move(secrets));
  if (auto listening = gateway->listen(); !listening) return std::unexpected(listening.error());
  return gateway;
}

asio::awaitable<Result<void>> Gateway::run() {
  // Kafka is no part of it: signups go on without, and catch up by themselves.
  host::check_postgres(host_, pool_);
  relay_runs_ = true;
  spawn(host_.executor(), "relay", relay());
  spawn(host_.executor(), "intake", intake_->run());
  expander_runs_ = true;
  spawn(host_.executor(), "expander", expand());
  spawn(host_.executor(), "forget", forget_what_is_old());

  co_await host_.stopping();
  if (!co_await server_->drain(kServerDrain)) log::warning("gateway.requests_cut");
  co_await intake_->stop();
  co_await expander_.stop(kExpanderDrain);
  relay_.stop(kRelayDrain);
  while (relay_runs_ || expander_runs_) co_await ended_.wait();
  co_return Result<void>{};
}

asio::awaitable<void> Gateway::relay() {
  co_await relay_.run();
  relay_runs_ = false;
  ended_.notify_all();
}

asio::awaitable<void> Gateway::expand() {
  co_await expander_.run();
  expander_runs_ = false;
  ended_.notify_all();
}

/// In small pieces, so that no transaction is long; every replica does it, and one finds nothing left.
asio::awaitable<void> Gateway::forget_what_is_old() {
  while (!host_.is_stopping()) {
    const auto forgotten = co_await forget_keys(pool_, settings_.key_retention, kForgetAtOnce);
    if (!forgotten) log::warning("gateway.keys_not_forgotten", {{"why", forgotten.error().message}});
    const auto jobs = co_await jobs_.forget(kKeepEndedJobs);
    if (!jobs) log::warning("gateway.jobs_not_forgotten", {{"why", jobs.error().message}});
    const bool more = forgotten && *forgotten == kForgetAtOnce;
    co_await sleep_for(more ? kForgetPause : kForgetEvery);
  }
}

}  // namespace bongsu::gateway
