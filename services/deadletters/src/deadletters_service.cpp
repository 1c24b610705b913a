#include "deadletters_service.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/host/alerts.hpp>
#include <bongsu/host/checks.hpp>
#include <bongsu/outbox/kafka_publisher.hpp>
#include <bongsu/outbox/status.hpp>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kName = "deadletters";
constexpr auto kServerDrain = 8s;
constexpr auto kRelayDrain = 8s;
constexpr auto kPause = 250ms;
constexpr auto kTell = 5s;
constexpr auto kOthersEnd = 3s;

/// Some twenty partitions, and results come as fast as all channels send.
kafka::ConsumerSettings consumer_settings(const Settings& settings) {
  kafka::ConsumerSettings consumer;
  consumer.cluster = settings.kafka.cluster;
  consumer.group = settings.kafka.group(kName);
  consumer.prefetch_records = 8'000;
  consumer.prefetch_bytes = 2UL << 20U;
  return consumer;
}

/// Who rebuilds looks for others by this name, and must not find itself.
Settings named(Settings settings, bool rebuild, Random& random) {
  if (rebuild) settings.postgres.application_name += "-rebuild-" + Uuid::v7({}, random).str().substr(24);
  return settings;
}

}  // namespace

DeadLettersService::DeadLettersService(host::Host& host, Settings settings, host::Secrets secrets,
                                       bool rebuild)
    : host_(host),
      settings_(named(std::move(settings), rebuild, host.random())),
      secrets_(std::move(secrets)),
      rebuild_(rebuild),
      topics_(settings_.kafka.topics()),
      pool_(host.executor(), settings_.postgres),
      relay_(host.executor(), {.database = settings_.postgres},
             outbox::kafka_publisher(host.executor(), settings_.kafka.producer()),
             [this](const outbox::Refused& refused) {
               return host::alert_refused(pool_, topics_, refused, std::string{kName}, host_.clock().now());
             }),
      relay_ended_(host.executor()),
      events_(topics_, host.random()),
      store_(pool_, events_),
      replays_({.executor = host.executor(),
                .pool = pool_,
                .letters = store_,
                .events = events_,
                .topics = topics_,
                .cluster = settings_.kafka.cluster,
                .box = secrets_.box,
                .hash = secrets_.hash,
                .clock = host.clock(),
                .random = host.random(),
                .settings = settings_.replay,
                .on_stored = [this] { relay_.wake(); }}),
      reader_(topics_, secrets_.box, secrets_.hash),
      letters_(host.executor(), settings_.kafka.producer(), topics_.events_dlq()),
      takes_({.pool = pool_,
              .topics = topics_,
              .group = settings_.kafka.group(kName),
              .reader = reader_,
              .letters = letters_,
              .clock = host.clock(),
              .hooks = replays_.hooks(),
              .on_emptied =
                  [this] {
                    broken_ = Error{.code = ErrorCode::kConflict,
                                    .message = "the index was emptied by a rebuild: start again"};
                    ended_.notify_all();
                  }}),
      catch_up_(host.executor(), settings_.kafka.cluster, pool_, takes_.sources()),
      ended_(host.executor()) {}

Result<rpc::Caller> DeadLettersService::authenticate(std::string_view token) {
  auto caller = secrets_.tokens.verify(token, host_.clock().now());
  if (!caller) return std::unexpected(caller.error());
  if (const auto ready = is_index_ready(); !ready) return std::unexpected(ready.error());
  return rpc::Caller{.subject = std::move(caller->subject), .roles = std::move(caller->roles)};
}

Result<void> DeadLettersService::listen() {
  auto records = kafka::RecordReader::open(host_.executor(), settings_.kafka.cluster);
  if (!records) return std::unexpected(records.error());
  records_.emplace(std::move(*records));
  api_.emplace(LetterApi::Parts{.pool = pool_,
                                .store = store_,
                                .reader = reader_,
                                .records = *records_,
                                .hash = secrets_.hash,
                                .clock = host_.clock(),
                                .on_stored = [this] { relay_.wake(); }});
  api_->add_to(service_);
  if (auto opened = replays_.open(); !opened) return opened;
  replays_.add_to(service_);
  auto consumer = kafka::Consumer::open(host_.executor(), consumer_settings(settings_));
  if (!consumer) return std::unexpected(consumer.error());
  intake_.emplace(host_.executor(), std::move(*consumer), takes_.takes(), letters_,
                  intake::Settings{.batch = settings_.intake_batch,
                                   .starts = [this](const std::vector<kafka::TopicPartition>& partitions) {
                                     return takes_.starts(partitions);
                                   }});
  auto server = rpc::Server::listen(host_.executor(), {.address = settings_.grpc_address}, {&service_},
                                    [this](std::string_view token) { return authenticate(token); });
  if (!server) return std::unexpected(server.error());
  server_.emplace(std::move(*server));
  const auto host = settings_.grpc_address.substr(0, settings_.grpc_address.rfind(':'));
  return host_.announce("grpc", host + ":" + std::to_string(server_->port()));
}

Result<std::unique_ptr<DeadLettersService>> DeadLettersService::open(host::Host& host, Settings settings,
                                                                     host::Secrets secrets, bool rebuild) {
  auto service = std::make_unique<DeadLettersService>(host, std::move(settings), std::move(secrets), rebuild);
  if (auto listening = service->listen(); !listening) return std::unexpected(listening.error());
  return service;
}

Result<void> DeadLettersService::is_index_ready() const {
  if (index_ready_) return {};
  return fail(ErrorCode::kUnavailable,
              "index: being read from the topics, " + std::to_string(percent_of(progress_)) + " % so far");
}

asio::awaitable<Result<void>> DeadLettersService::run() {
  // Kafka is no part of it: letters can be asked for without, and come in when it is there again.
  host::check_postgres(host_, pool_);
  host_.add_check("index", [this] { return is_index_ready(); });
  server_->set_serving(false);
  relay_runs_ = true;
  filling_ = true;
  spawn(host_.executor(), "relay", relay());
  spawn(host_.executor(), "index", fill_index());
  spawn(host_.executor(), "stopping", [](host::Host& host, Signal& ended) -> asio::awaitable<void> {
    co_await host.stopping();
    ended.notify_all();
  }(host_, ended_));

  while (!host_.is_stopping() && !broken_) co_await ended_.wait();
  stopping_ = true;
  catch_up_.stop();
  if (!co_await server_->drain(kServerDrain)) log::warning("deadletters.calls_cut");
  while (filling_) co_await ended_.wait();
  if (reading_) co_await intake_->stop();
  co_await replays_.stop();
  records_->close();
  relay_.stop(kRelayDrain);
  while (relay_runs_) co_await relay_ended_.wait();
  if (broken_) co_return std::unexpected(*broken_);
  co_return Result<void>{};
}

asio::awaitable<void> DeadLettersService::relay() {
  co_await relay_.run();
  relay_runs_ = false;
  relay_ended_.notify_all();
}

/// Empties the index if that is asked for, lets it be read, and serves when it is whole.
asio::awaitable<void> DeadLettersService::fill_index() {
  if (!rebuild_ || co_await empty_index()) co_await begin_reading();
  filling_ = false;
  ended_.notify_all();
}

/// A decision that is not published yet would be forgotten with its row.
asio::awaitable<bool> DeadLettersService::publish_decisions() {
  bool told = false;
  while (!stopping_) {
    const auto status = co_await outbox::status(pool_);
    if (status && status->waiting == 0) co_return true;
    if (!told) {
      log::warning("index.waits",
                   {{"why", status ? "decisions are being published" : status.error().message.c_str()}});
    }
    told = true;
    co_await sleep_for(kPause);
  }
  co_return false;
}

asio::awaitable<bool> DeadLettersService::empty_index() {
  int refusals = 0;
  while (co_await publish_decisions()) {
    const auto emptied = co_await begin_rebuild(pool_, settings_.postgres.application_name);
    if (emptied) {
      log::info("index.emptied");
      co_return true;
    }
    const bool others = emptied.error().code == ErrorCode::kConflict && emptied.error().detail.empty();
    // The sessions of one that has just ended may still be there.
    if (others && ++refusals > kOthersEnd / kPause) {
      broken_ = emptied.error();
      co_return false;
    }
    log::warning("index.waits", {{"why", emptied.error().message}});
    co_await sleep_for(kPause);
  }
  co_return false;
}

asio::awaitable<void> DeadLettersService::begin_reading() {
  auto rebuilding = co_await is_rebuilding(pool_);
  while (!rebuilding && !stopping_) {
    co_await sleep_for(kPause);
    rebuilding = co_await is_rebuilding(pool_);
  }
  if (stopping_) co_return;
  // An index that was whole serves at once, with what it knows.
  index_ready_ = !*rebuilding;
  server_->set_serving(index_ready_);
  reading_ = true;
  if (index_ready_) replays_.begin();
  spawn(host_.executor(), "intake", intake_->run());
  auto told_at = host_.clock().monotonic();
  const auto tell = [&](const Progress& progress) {
    progress_ = progress;
    if (index_ready_ || host_.clock().monotonic() - told_at < kTell) return;
    told_at = host_.clock().monotonic();
    log::info("index.reading",
              {{"percent", percent_of(progress)}, {"read", progress.read}, {"of", progress.total}});
  };
  if (!co_await catch_up_.run(tell)) co_return;
  takes_.caught_up();
  while (!index_ready_ && !stopping_) {
    index_ready_ = (co_await replays_.finish_restore()) && (co_await finish_rebuild(pool_));
    if (index_ready_) replays_.begin();
    if (!index_ready_) co_await sleep_for(kPause);
  }
  server_->set_serving(index_ready_);
  log::info("index.caught_up", {{"records", progress_.total}, {"rebuilt", *rebuilding}});
}

}  // namespace bongsu::deadletters
