#pragma once
#include "handle.hpp"
#include "metrics.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace bongsu::kafka {

/// What a client tells by itself: its log lines and errors, as our log events and metrics. A line of
/// the same kind is written at most every 10 s; how many were kept back stands in the next one.
/// librdkafka's lines hold names of brokers, topics and groups, never keys or values.
class ClientEvents {
 public:
  /// `client`: producer, consumer or admin.
  explicit ClientEvents(std::string client);

  /// True when the event was of this kind and is done with.
  bool handle(rd_kafka_t* rk, rd_kafka_event_t* event);

  /// A broker has answered.
  void reached();

 private:
  struct Kind {
    std::chrono::steady_clock::time_point written;
    int kept_back = 0;
  };

  void on_log(rd_kafka_event_t* event);
  void on_error(rd_kafka_t* rk, rd_kafka_event_t* event);
  /// How many were kept back when it is time to write, else -1.
  int due(const std::string& kind);

  std::string client_;
  metrics::Gauge& down_;
  bool is_down_ = false;
  std::map<std::string, Kind> kinds_;
};

}  // namespace bongsu::kafka
