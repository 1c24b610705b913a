#include "configuration.hpp"

#include <array>
#include <string>

#include <fmt/format.h>

namespace bongsu::kafka {
namespace {

constexpr std::int64_t kNoLimit = 2'147'483'647;

bool is_security(std::string_view name) {
  return name == "security.protocol" || name.starts_with("ssl.") || name.starts_with("sasl.") ||
         name.starts_with("enable.ssl.");
}

std::int64_t kibibytes(std::size_t bytes) { return static_cast<std::int64_t>((bytes + 1023) / 1024); }

std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "none";
    case Compression::kLz4:
      return "lz4";
    case Compression::kZstd:
      return "zstd";
  }
  return "none";
}

}  // namespace

Configuration::Configuration(const ClusterSettings& cluster) : conf_(rd_kafka_conf_new()) {
  set("bootstrap.servers", cluster.brokers);
  set("client.id", cluster.client_id);
  for (const auto& [name, value] : cluster.security) {
    if (is_security(name)) {
      set(name.c_str(), value);
    } else if (!refusal_) {
      refusal_ = Error{.code = ErrorCode::kInvalidArgument,
                       .message = fmt::format("kafka: {}: only security.protocol, ssl.* and sasl.*", name),
                       .detail = name};
    }
  }
  // A broker that was away is found again within a second.
  set("reconnect.backoff.ms", 50).set("reconnect.backoff.max.ms", 1'000);
  set("socket.connection.setup.timeout.ms", 5'000).set("socket.keepalive.enable", "true");
  set("topic.metadata.refresh.interval.ms", 10'000);
  set("allow.auto.create.topics", "false");
  // Idle connections that the broker closes are no news.
  set("log.connection.close", "false").set("log.queue", "true");
  events(0);
}

Configuration& Configuration::set(const char* name, std::string_view value) {
  std::array<char, 256> why{};
  const std::string text{value};
  if (rd_kafka_conf_set(conf_.get(), name, text.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK &&
      !refusal_) {
    refusal_ = Error{.code = ErrorCode::kInvalidArgument,
                     .message = fmt::format("kafka: {} is refused: {}", name, why.data()),
                     .detail = name};
  }
  return *this;
}

Configuration& Configuration::set(const char* name, std::int64_t value) {
  return set(name, std::to_string(value));
}

Configuration& Configuration::events(int mask) {
  rd_kafka_conf_set_events(conf_.get(), mask | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
  return *this;
}

Result<ClientHandle> Configuration::create(rd_kafka_type_t type) && {
  if (refusal_) return std::unexpected(*std::move(refusal_));
  std::array<char, 512> why{};
  ClientHandle client{rd_kafka_new(type, conf_.get(), why.data(), why.size())};
  if (!client) return fail(ErrorCode::kInvalidArgument, fmt::format("kafka: {}", why.data()));
  [[maybe_unused]] const auto* the_clients_own = conf_.release();
  return client;
}

Configuration configuration_of(const ProducerSettings& settings) {
  Configuration conf{settings.cluster};
  conf.set("enable.idempotence", "true").set("acks", "all").set("partitioner", "murmur2_random");
  // One request under way, not five. A broker that knows nothing of a producer yet takes any sequence
  // number for its first: when it becomes a new partition's leader between two requests, it refuses the
  // first, takes the second, and calls the first one's repetition a duplicate, which counts as delivered.
  conf.set("max.in.flight.requests.per.connection", "1");
  conf.set("linger.ms", settings.linger.count());
  conf.set("batch.num.messages", static_cast<std::int64_t>(settings.batch_records));
  conf.set("batch.size", static_cast<std::int64_t>(settings.batch_bytes));
  conf.set("compression.codec", name_of(settings.compression));
  conf.set("message.max.bytes", static_cast<std::int64_t>(settings.max_record_bytes));
  // Our own bounds count before librdkafka's, and it counts a record until its report is destroyed.
  conf.set("queue.buffering.max.messages", kNoLimit).set("queue.buffering.max.kbytes", kNoLimit);
  conf.set("message.timeout.ms", settings.delivery_timeout.count());
  conf.set("request.timeout.ms", 10'000);
  conf.set("retry.backoff.ms", 50);
  conf.events(RD_KAFKA_EVENT_DR);
  return conf;
}

Configuration configuration_of(const ConsumerSettings& settings) {
  Configuration conf{settings.cluster};
  conf.set("group.id", settings.group);
  // cooperative-sticky is unsound in 2.0.2. Range also puts partition n of every lane at one member.
  conf.set("partition.assignment.strategy", "range");
  conf.set("auto.offset.reset", "earliest");
  conf.set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
  conf.set("enable.partition.eof", "false");
  conf.set("session.timeout.ms", settings.session_timeout.count());
  conf.set("heartbeat.interval.ms", settings.heartbeat.count());
  conf.set("max.poll.interval.ms", settings.rebalance_timeout.count());
  conf.set("queued.min.messages", static_cast<std::int64_t>(settings.prefetch_records));
  conf.set("queued.max.messages.kbytes", kibibytes(settings.prefetch_bytes));
  conf.set("fetch.message.max.bytes", static_cast<std::int64_t>(settings.fetch_bytes));
  conf.set("fetch.max.bytes", static_cast<std::int64_t>(settings.fetch_total_bytes));
  conf.set("fetch.wait.max.ms", settings.fetch_wait.count());
  conf.set("fetch.error.backoff.ms", 100);
  conf.events(RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT);
  return conf;
}

Configuration reader_configuration_of(const ClusterSettings& settings) {
  Configuration conf{settings};
  conf.set("auto.offset.reset", "earliest").set("enable.partition.eof", "true");
  // Without a group there is nobody to keep an offset for.
  conf.set("enable.auto.offset.store", "false");
  conf.set("queued.max.messages.kbytes", 1'024).set("fetch.message.max.bytes", 262'144);
  conf.set("fetch.wait.max.ms", 500).set("fetch.error.backoff.ms", 100);
  return conf;
}

}  // namespace bongsu::kafka
