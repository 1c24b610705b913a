#pragma once
#include <bongsu/core/metrics.hpp>

#include <string>

/// The library's metrics. `client` is producer, consumer or admin.
namespace bongsu::kafka {

struct ProducerMetrics {
  metrics::Counter& delivered;
  metrics::Counter& failed;
  metrics::Gauge& in_flight_records;
  metrics::Gauge& in_flight_bytes;
  metrics::Histogram& delivery_seconds;  ///< of the first record of each report
};

struct ConsumerMetrics {
  metrics::Counter& read;
  metrics::Counter& read_bytes;
  metrics::Counter& read_errors;
  metrics::Counter& assigned;
  metrics::Counter& revoked;
  metrics::Counter& lost;
  metrics::Counter& commits;
  metrics::Counter& failed_commits;
  metrics::Gauge& partitions;
};

ProducerMetrics& producer_metrics();
ConsumerMetrics& consumer_metrics();

/// Errors that a client reports by itself (connections, authentication), by Kafka's name of them.
metrics::Counter& client_errors(const std::string& client, const std::string& error);
/// 1 from when all brokers were out of reach until one answered again.
metrics::Gauge& brokers_down(const std::string& client);

}  // namespace bongsu::kafka
