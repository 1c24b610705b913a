#include "metrics.hpp"

namespace bongsu::kafka {

ProducerMetrics& producer_metrics() {
  static ProducerMetrics all{
      .delivered = metrics::counter("bongsu_kafka_produced_total", "Records reported by the producer.",
                                    {{"outcome", "delivered"}}),
      .failed = metrics::counter("bongsu_kafka_produced_total", "Records reported by the producer.",
                                 {{"outcome", "failed"}}),
      .in_flight_records =
          metrics::gauge("bongsu_kafka_in_flight_records", "Records produced and not yet reported."),
      .in_flight_bytes = metrics::gauge("bongsu_kafka_in_flight_bytes",
                                        "Memory of records produced and not yet reported, estimated."),
      .delivery_seconds =
          metrics::seconds("bongsu_kafka_delivery_seconds", "From produce to report, one record a report.")};
  return all;
}

ConsumerMetrics& consumer_metrics() {
  const auto rebalances = [](const char* event) -> metrics::Counter& {
    return metrics::counter("bongsu_kafka_rebalances_total", "Rebalance events of the group.",
                            {{"event", event}});
  };
  const auto commits = [](const char* outcome) -> metrics::Counter& {
    return metrics::counter("bongsu_kafka_commits_total", "Offset commits.", {{"outcome", outcome}});
  };
  static ConsumerMetrics all{
      .read = metrics::counter("bongsu_kafka_read_total", "Records read."),
      .read_bytes = metrics::counter("bongsu_kafka_read_bytes_total", "Bytes of keys and values read."),
      .read_errors = metrics::counter("bongsu_kafka_read_errors_total", "Errors of a partition's fetches."),
      .assigned = rebalances("assigned"),
      .revoked = rebalances("revoked"),
      .lost = rebalances("lost"),
      .commits = commits("done"),
      .failed_commits = commits("failed"),
      .partitions = metrics::gauge("bongsu_kafka_partitions", "Partitions assigned.")};
  return all;
}

metrics::Counter& client_errors(const std::string& client, const std::string& error) {
  return metrics::counter("bongsu_kafka_client_errors_total", "Errors that clients report by themselves.",
                          {{"client", client}, {"error", error}});
}

metrics::Gauge& brokers_down(const std::string& client) {
  return metrics::gauge("bongsu_kafka_brokers_down", "1 while no broker can be reached.",
                        {{"client", client}});
}

}  // namespace bongsu::kafka
