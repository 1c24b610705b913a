#pragma once
#include <bongsu/core/error.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace bongsu::kafka {

/// How to reach the cluster.
struct ClusterSettings {
  std::string brokers = "127.0.0.1:9092";  ///< host:port, comma-separated
  std::string client_id = "bongsu";        ///< in the broker's logs and quotas
  /// librdkafka's own properties for TLS and SASL: security.protocol, ssl.*, sasl.*, enable.ssl.*.
  /// Any other is refused: what correctness stands on cannot be configured away.
  std::map<std::string, std::string> security;
};

enum class Compression { kNone, kLz4, kZstd };

/// Idempotence, acks=all and the partitioner are not settings.
struct ProducerSettings {
  ClusterSettings cluster;
  /// How long a record waits for others to share a request with.
  std::chrono::milliseconds linger{5};
  std::size_t batch_records = 10'000;
  std::size_t batch_bytes = 1'000'000;
  Compression compression = Compression::kLz4;
  /// Bounds of what is accepted and not yet reported; produce() says kExhausted beyond.
  std::size_t max_in_flight_records = 50'000;
  std::size_t max_in_flight_bytes = 16UL << 20U;
  /// Largest record that is handed to the broker; the topic's own max.message.bytes decides below it.
  std::size_t max_record_bytes = 4UL << 20U;
  /// After which an undelivered record is reported as kTimeout. 0: never, it waits for the broker.
  std::chrono::milliseconds delivery_timeout{0};
};

struct ConsumerSettings {
  ClusterSettings cluster;
  std::string group;
  std::chrono::milliseconds session_timeout{6'000};
  std::chrono::milliseconds heartbeat{1'500};
  /// How long the group waits in a rebalance for a member that still gives up its partitions.
  std::chrono::milliseconds rebalance_timeout{60'000};
  /// Bounds of one partition's prefetched records; whichever is reached first. A full queue is looked
  /// at again after 1 s only (librdkafka 2.0.2), so they must hold 1.5 s of the partition's top rate.
  std::size_t prefetch_records = 4'000;
  std::size_t prefetch_bytes = 1UL << 20U;
  /// Asked from one partition at a time. A larger record comes all the same, whole and alone.
  std::size_t fetch_bytes = 256UL << 10U;
  /// Of one answer over all partitions. As it travels: what compresses well takes a multiple in memory.
  std::size_t fetch_total_bytes = 2UL << 20U;
  /// How long the broker may hold an empty answer back.
  std::chrono::milliseconds fetch_wait{500};
};

}  // namespace bongsu::kafka
