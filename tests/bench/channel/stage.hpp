#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include <support/kafka/kafka_world.hpp>
#include <support/postgres/postgres_world.hpp>
#include <support/process/process.hpp>
#include <support/simulator/simulator_world.hpp>

namespace bongsu::bench {

/// What a channel benchmark plays on: topics and a database of its own, the simulator, and the kakao
/// service, which is started when its work is ready.
class Stage {
 public:
  /// `environment`: what the kakao service is told besides where everything is.
  explicit Stage(std::map<std::string, std::string> environment);

  std::string topic(const std::string& name) const { return kafka_.prefix() + name; }
  const support::KafkaWorld& kafka() const { return kafka_; }
  const support::SimulatorWorld& simulator() const { return simulator_; }

  void start_service();
  /// SIGTERM; throws when it does not end well. Returns the processor seconds it used and its largest
  /// memory.
  struct Used {
    double seconds = 0;
    double peak_mib = 0;
  };
  Used stop_service();

  /// Requests a second that wrk alone gets from the simulator over so many connections.
  double wrk(int connections, std::chrono::seconds duration) const;

 private:
  support::KafkaWorld kafka_;
  support::PostgresWorld database_{"kakao"};
  support::TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
  support::SimulatorWorld simulator_;
  std::unique_ptr<support::Process> service_;
};

}  // namespace bongsu::bench
