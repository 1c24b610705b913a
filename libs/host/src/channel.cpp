#include <bongsu/core/log.hpp>
#include <bongsu/delivery/engine.hpp>
#include <bongsu/delivery/kafka_controls.hpp>
#include <bongsu/delivery/postgres_ledger.hpp>
#include <bongsu/delivery/postgres_tokens.hpp>
#include <bongsu/host/channel.hpp>
#include <bongsu/host/checks.hpp>
#include <bongsu/postgres/pool.hpp>
#include <bongsu/security/sealed_box.hpp>

namespace bongsu::config {

using namespace std::chrono_literals;

void bind(Section& section, delivery::Settings& settings) {
  section.durations("retry-delays", settings.retry_delays);
  if (settings.retry_delays.size() != 2) {
    section.refuse("retry-delays", "two delays are needed, one for retry.1m and one for retry.5m");
  }
  section.choice(
      "unknown-outcome", settings.unknown,
      {{"send-again", delivery::UnknownPolicy::kSendAgain}, {"bury", delivery::UnknownPolicy::kBury}});
  section.flag("fall-back-after-maybe", settings.fall_back_after_maybe);
  section.number("in-flight-records", settings.max_in_flight_records, 1, 1'000'000);
  section.size("in-flight-bytes", settings.max_in_flight_bytes, 64UL << 10U);
  section.number("ahead-of-watermark", settings.max_ahead, 1, 100'000'000);
  auto breaker = section.section("breaker");
  breaker.number("calls", settings.breaker.run, 1, 1'000);
  breaker.number("share", settings.breaker.share, 0.0, 1.0);
  breaker.duration("probe-interval", settings.breaker.probe_interval, 10ms, 1h);
  section.duration("commit-interval", settings.commit_interval, 10ms, 60s);
  section.duration("give-up-limit", settings.give_up_limit, 1s, 55s);
  section.duration("ledger-retention", settings.ledger_retention, 48h);
}

void check_call_timeout(Section& section, std::string_view key, std::chrono::milliseconds timeout,
                        const delivery::Settings& settings) {
  if (timeout > settings.longest_call())
    section.refuse(key, "does not fit into a partition's lease less a renewal");
}

void bind(Section& root, host::ChannelSettings& settings) {
  root.settings("kafka", settings.kafka);
  root.settings("postgres", settings.postgres);
  root.settings("security", settings.security);
  root.settings("delivery", settings.delivery);
  auto retry = root.section("message.retry");
  retry.number("max-attempts", settings.delivery.retry.max_tries, 1, 100);
  retry.milliseconds("backoff-delay", settings.delivery.retry.first_delay, 0ms, 1h);
  retry.number("multiplier", settings.delivery.retry.multiplier, 1.0, 100.0);
  retry.number("jitter", settings.delivery.retry.jitter, 0.0, 1.0);
}

}  // namespace bongsu::config

namespace bongsu::host {
namespace {

using namespace std::chrono_literals;

asio::awaitable<void> keep_partitions(Host& host, delivery::PostgresLedger& ledger) {
  while (!host.is_stopping()) {
    const auto kept = co_await ledger.keep_partitions();
    if (!kept)
      log::warning("ledger.partitions.failed", {{"code", kept.error().code}, {"why", kept.error().message}});
    co_await sleep_for(kept ? std::chrono::steady_clock::duration{1h} : 10s);
  }
}

asio::awaitable<void> probe(delivery::Channel& channel) {
  const auto answer = co_await channel.probe();
  if (answer) {
    log::info("provider.answers");
  } else {
    log::warning("provider.does_not_answer",
                 {{"code", answer.error().code}, {"why", answer.error().message}});
  }
}

asio::awaitable<void> stop_when_told(Host& host, delivery::Engine& engine) {
  co_await host.stopping();
  engine.stop();
}

}  // namespace

asio::awaitable<Result<void>> serve(Host& host, ChannelIdentity identity, delivery::Channel& channel,
                                    ChannelSettings settings) {
  const std::string name{events::name_of(identity.kind)};
  auto keys = security::KeyRing::load(settings.security.box_key_file);
  if (!keys) co_return std::unexpected(keys.error());
  const security::SealedBox box{*keys};

  settings.postgres.schema = name;
  settings.postgres.application_name = "bongsu-" + name;
  postgres::Pool pool{host.executor(), settings.postgres};
  delivery::PostgresLedger ledger{host.executor(), pool, settings.delivery};

  std::optional<delivery::PostgresTokens> tokens;
  const auto& limit = settings.delivery.rate_limit;
  if (limit.is_limited()) tokens.emplace(pool, name, limit.policy);

  const auto group = settings.kafka.group(name);
  kafka::ConsumerSettings consumer{.cluster = settings.kafka.cluster, .group = group};
  // One produce request is under way at a time, and what comes meanwhile goes with the next.
  kafka::ProducerSettings producer{.cluster = settings.kafka.cluster, .linger = std::chrono::milliseconds{1}};
  auto kafka_log = delivery::KafkaLog::open(host.executor(), consumer, producer);
  if (!kafka_log) co_return std::unexpected(kafka_log.error());

  auto controls =
      delivery::KafkaControls::open(host.executor(), settings.kafka.cluster, settings.kafka.topics());
  if (!controls) co_return std::unexpected(controls.error());

  delivery::Engine engine{host.executor(),
                          {.channel = channel,
                           .kind = identity.kind,
                           .signups = identity.signups,
                           .ledger = ledger,
                           .log = **kafka_log,
                           .tokens = tokens ? &*tokens : nullptr,
                           .controls = controls->get(),
                           .clock = host.clock(),
                           .random = host.random(),
                           .box = box,
                           .topics = settings.kafka.topics(),
                           .group = group},
                          settings.delivery};
  host.add_check("delivery", [&engine] { return engine.healthy(); });
  host.add_check("controls", [&controls = **controls] { return controls.healthy(); });
  check_postgres(host, pool);
  spawn(host.executor(), "ledger.partitions", keep_partitions(host, ledger));
  spawn(host.executor(), "provider.probe", probe(channel));
  spawn(host.executor(), "delivery.stop", stop_when_told(host, engine));
  auto ended = co_await engine.run();
  co_await (*controls)->close();
  co_return ended;
}

}  // namespace bongsu::host
