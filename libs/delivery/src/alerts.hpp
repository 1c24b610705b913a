#pragma once
#include <bongsu/core/random.hpp>
#include <bongsu/core/signal.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/delivery/log.hpp>
#include <bongsu/events/topics.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <string>

namespace bongsu::delivery {

/// Something that operators should know, for as long as it lasts.
struct Alarm {
  std::string name;      ///< stable: "provider_down"
  std::string severity;  ///< "info", "warning" or "critical"
  std::string summary;   ///< what it is and what to do; public
  std::map<std::string, std::string> labels;
  /// Over by itself when it has not been raised again for this long; zero: lasts until clear().
  std::chrono::milliseconds fades_after{0};
};

/// Publishes on ops.alert when something begins and when it is over: one event a change.
///
/// Delivery: in order, each asked again until Kafka has it; what has not gone out when the process ends is
/// lost. Threads: the io_context's one thread. Lifetime: run() must have returned before it goes.
class Alerts {
 public:
  Alerts(const asio::any_io_executor& executor, Log& log, const Clock& clock, Random& random,
         const events::Topics& topics, std::string source, std::string instance);

  void raise(Alarm alarm);
  void clear(const std::string& name);
  /// Ends what has faded; called from time to time.
  void fade();

  /// Publishes until stop().
  asio::awaitable<void> run();
  void stop();

 private:
  struct Firing {
    Alarm alarm;
    Timestamp since;
    std::chrono::steady_clock::time_point last;
  };
  void queue(const Firing& firing, std::string_view state);

  Log& log_;
  const Clock& clock_;
  Random& random_;
  std::string topic_;
  std::string source_;
  std::string instance_;
  std::map<std::string, Firing> firing_;
  std::deque<kafka::Record> queue_;
  bool stopping_ = false;
  Signal changed_;
};

}  // namespace bongsu::delivery
