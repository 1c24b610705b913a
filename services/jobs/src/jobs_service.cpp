#include "jobs_service.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/host/alerts.hpp>
#include <bongsu/host/checks.hpp>
#include <bongsu/outbox/kafka_publisher.hpp>

namespace bongsu::jobs {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kName = "jobs";
constexpr auto kServerDrain = 8s;
constexpr auto kRelayDrain = 8s;

/// A result is some 300 bytes, and a partition brings up to 25,000 a second: the queues hold 1.5 s of that.
kafka::ConsumerSettings consumer_settings(const Settings& settings) {
  kafka::ConsumerSettings consumer;
  consumer.cluster = settings.kafka.cluster;
  consumer.group = settings.kafka.group(kName);
  consumer.prefetch_records = 40'000;
  consumer.prefetch_bytes = 16UL << 20U;
  consumer.fetch_bytes = 1UL << 20U;
  consumer.fetch_total_bytes = 8UL << 20U;
  return consumer;
}

}  // namespace

JobsService::JobsService(host::Host& host, Settings settings, host::Secrets secrets)
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
      relay_ended_(host.executor()),
      events_(secrets_.box, topics_, host.random()),
      store_(pool_),
      overseer_({.executor = host.executor(),
                 .store = store_,
                 .events = events_,
                 .clock = host.clock(),
                 .credit = settings_.credit,
                 .limits = settings_.limits,
                 .on_stored = [this] { relay_.wake(); }}),
      api_({.executor = host.executor(),
            .store = store_,
            .overseer = overseer_,
            .events = events_,
            .hash = secrets_.hash,
            .clock = host.clock(),
            .random = host.random(),
            .credit = settings_.credit,
            .on_stored = [this] { relay_.wake(); }}),
      letters_(host.executor(), settings_.kafka.producer(), topics_.events_dlq()),
      takes_(pool_, topics_, settings_.kafka.group(kName), letters_,
             [this](const std::set<Uuid>& jobs) { overseer_.note(jobs); }) {}

Result<rpc::Caller> JobsService::authenticate(std::string_view token) {
  auto caller = secrets_.tokens.verify(token, host_.clock().now());
  if (!caller) return std::unexpected(caller.error());
  return rpc::Caller{.subject = std::move(caller->subject), .roles = std::move(caller->roles)};
}

Result<void> JobsService::listen() {
  auto consumer = kafka::Consumer::open(host_.executor(), consumer_settings(settings_));
  if (!consumer) return std::unexpected(consumer.error());
  intake_.emplace(host_.executor(), std::move(*consumer), takes_.takes(), letters_,
                  intake::Settings{.batch = settings_.result_batch,
                                   .starts = [this](const std::vector<kafka::TopicPartition>& partitions) {
                                     return takes_.starts(partitions);
                                   }});
  auto server = rpc::Server::listen(host_.executor(), {.address = settings_.grpc_address}, {&api_.service()},
                                    [this](std::string_view token) { return authenticate(token); });
  if (!server) return std::unexpected(server.error());
  server_.emplace(std::move(*server));
  const auto host = settings_.grpc_address.substr(0, settings_.grpc_address.rfind(':'));
  return host_.announce("grpc", host + ":" + std::to_string(server_->port()));
}

Result<std::unique_ptr<JobsService>> JobsService::open(host::Host& host, Settings settings,
                                                       host::Secrets secrets) {
  auto service = std::make_unique<JobsService>(host, std::move(settings), std::move(secrets));
  if (auto listening = service->listen(); !listening) return std::unexpected(listening.error());
  return service;
}

asio::awaitable<Result<void>> JobsService::run() {
  // Kafka is no part of it: jobs can be asked for without, and go on when it is there again.
  host::check_postgres(host_, pool_);
  relay_runs_ = true;
  spawn(host_.executor(), "relay", relay());
  spawn(host_.executor(), "intake", intake_->run());
  spawn(host_.executor(), "overseer", overseer_.run());

  co_await host_.stopping();
  if (!co_await server_->drain(kServerDrain)) log::warning("jobs.calls_cut");
  overseer_.stop();
  co_await intake_->stop();
  relay_.stop(kRelayDrain);
  while (relay_runs_) co_await relay_ended_.wait();
  co_return Result<void>{};
}

asio::awaitable<void> JobsService::relay() {
  co_await relay_.run();
  relay_runs_ = false;
  relay_ended_.notify_all();
}

}  // namespace bongsu::jobs
