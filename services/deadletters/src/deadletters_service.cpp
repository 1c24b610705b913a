#include "deadletters_service.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/host/alerts.hpp>
#include <bongsu/outbox/kafka_publisher.hpp>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;

constexpr auto kServerDrain = 8s;
constexpr auto kRelayDrain = 8s;

kafka::ProducerSettings producer_settings(const Settings& settings) {
  kafka::ProducerSettings producer;
  producer.cluster = settings.kafka.cluster;
  return producer;
}

}  // namespace

Result<Secrets> load_secrets(const Settings& settings) {
  auto ring = security::KeyRing::load(settings.security.box_key_file);
  if (!ring) return std::unexpected(ring.error());
  auto hash = security::KeyedHash::load(settings.security.hash_key_file);
  if (!hash) return std::unexpected(hash.error());
  auto tokens = security::TokenVerifier::load(settings.tokens);
  if (!tokens) return std::unexpected(tokens.error());
  return Secrets{security::SealedBox{*ring}, std::move(*hash), std::move(*tokens)};
}

DeadLettersService::DeadLettersService(host::Host& host, Settings settings, Secrets secrets, bool rebuild)
    : host_(host),
      settings_(std::move(settings)),
      secrets_(std::move(secrets)),
      rebuild_(rebuild),
      topics_(settings_.kafka.topics()),
      pool_(host.executor(), settings_.postgres),
      relay_(host.executor(), {.database = settings_.postgres},
             outbox::kafka_publisher(host.executor(), producer_settings(settings_)),
             [this](const outbox::Refused& refused) {
               return host::alert_refused(pool_, topics_, refused, "deadletters", host_.clock().now());
             }),
      relay_ended_(host.executor()),
      events_(topics_, host.random()),
      store_(pool_, events_) {}

Result<rpc::Caller> DeadLettersService::authenticate(std::string_view token) {
  auto caller = secrets_.tokens.verify(token, host_.clock().now());
  if (!caller) return std::unexpected(caller.error());
  return rpc::Caller{.subject = std::move(caller->subject), .roles = std::move(caller->roles)};
}

Result<void> DeadLettersService::listen() {
  auto server = rpc::Server::listen(host_.executor(), {.address = settings_.grpc_address}, {&service_},
                                    [this](std::string_view token) { return authenticate(token); });
  if (!server) return std::unexpected(server.error());
  server_.emplace(std::move(*server));
  const auto host = settings_.grpc_address.substr(0, settings_.grpc_address.rfind(':'));
  return host_.announce("grpc", host + ":" + std::to_string(server_->port()));
}

Result<std::unique_ptr<DeadLettersService>> DeadLettersService::open(host::Host& host, Settings settings,
                                                                     Secrets secrets, bool rebuild) {
  auto service = std::make_unique<DeadLettersService>(host, std::move(settings), std::move(secrets), rebuild);
  if (auto listening = service->listen(); !listening) return std::unexpected(listening.error());
  return service;
}

asio::awaitable<Result<void>> DeadLettersService::run() {
  // Kafka is no part of it: letters can be asked for without, and come in when it is there again.
  host_.add_check("postgres", [this]() -> Result<void> {
    if (pool_.available()) return {};
    return fail(ErrorCode::kUnavailable, "postgres: not connected");
  });
  relay_runs_ = true;
  spawn(host_.executor(), "relay", relay());

  co_await host_.stopping();
  if (!co_await server_->drain(kServerDrain)) log::warning("deadletters.calls_cut");
  relay_.stop(kRelayDrain);
  while (relay_runs_) co_await relay_ended_.wait();
  co_return Result<void>{};
}

asio::awaitable<void> DeadLettersService::relay() {
  co_await relay_.run();
  relay_runs_ = false;
  relay_ended_.notify_all();
}

}  // namespace bongsu::deadletters
