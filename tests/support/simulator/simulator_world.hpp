#pragma once
#include "support/process/held_port.hpp"
#include "support/process/process.hpp"
#include "support/web/web.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bongsu::support {

/// One POST as the simulator saw it.
struct SeenMessage {
  std::string channel;
  std::string recipient;
  std::string content;
  std::string idempotency_key;
  std::int64_t received_at = 0;  ///< ms
  int status = 0;                ///< 0: the connection was cut
};

struct SimulatorStats {
  std::int64_t requests = 0;
  std::int64_t accepted = 0;
  std::int64_t unique = 0;
  std::int64_t duplicates = 0;
  std::int64_t rejected = 0;
  std::int64_t in_flight = 0;
  std::int64_t max_in_flight = 0;
};

/// The simulator (the binary in BONGSU_TEST_BIN) on free ports. Throws when it does not start or answer.
/// Channels are called "kakao" and "sms".
///
///   SimulatorWorld simulator;
///   simulator.put_faults(R"([{"channel":"kakao","status":503}])");
///   EXPECT_EQ(simulator.stats("kakao").rejected, 1);
class SimulatorWorld {
 public:
  SimulatorWorld();

  /// http://127.0.0.1:PORT of a channel; the same after kill() and start().
  std::string url(const std::string& channel) const { return "http://" + ports_.at(channel).address(); }

  void put_faults(const std::string& json) const { control("PUT", "/control/faults", json); }
  void clear_faults() const { control("DELETE", "/control/faults"); }
  /// {"idempotent":false}, {"rateLimit":100,"channel":"kakao"}, {"delayMs":50}
  void settings(const std::string& json) const { control("PUT", "/control/settings", json); }
  void forget_messages() const { control("DELETE", "/control/messages"); }
  SimulatorStats stats(const std::string& channel) const;
  /// Oldest first; an empty recipient: everyone's.
  std::vector<SeenMessage> messages(const std::string& channel, const std::string& recipient = "",
                                    std::size_t limit = 1000) const;

  /// SIGKILL: the provider is away, nobody listens. start() brings it back where it was, empty.
  void kill() { process_->kill(); }
  void start();
  /// SIGSTOP, SIGCONT: it accepts connections and says nothing.
  void signal(int number) { process_->signal(number); }

 private:
  Answer control(const std::string& method, const std::string& path, const std::string& body = "") const;

  TemporaryFolder folder_;
  std::unique_ptr<Process> process_;
  std::map<std::string, HeldPort> ports_;
};

}  // namespace bongsu::support
