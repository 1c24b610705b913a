#pragma once
#include "report.hpp"
#include "support/stack/stack.hpp"
#include "support/upstream/upstream.hpp"

#include <bongsu/kafka/consumer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace bongsu::scenarios {

/// How the provider is reached in a scenario: together they bound the calls a second.
struct Provider {
  int connections = 50;
  int delay_ms = 20;
  bool idempotent = true;
};

/// The kakao service under a load of requests, each with a number of its own as its text.
/// Throws when something does not happen in time.
/// Threads: one.
class Scene {
 public:
  explicit Scene(const Provider& provider);

  /// Adds requests to kakao.request, and waits until Kafka has them.
  void feed(std::int64_t count, const std::string& lane = "request");
  /// Adds as many as are needed to have `backlog` that the provider has not seen.
  void keep_ahead(std::int64_t backlog);
  std::int64_t fed() const { return fed_; }

  /// Waits for `holds`, looking every few milliseconds. `meanwhile` goes on all the time.
  void until(std::string_view what, const std::function<bool()>& holds,
             std::chrono::seconds limit = std::chrono::seconds{180});
  std::function<void()> meanwhile;
  /// Waits until the provider has taken `more` requests than now.
  void progress(std::int64_t more);

  /// Different requests that the provider has taken.
  std::int64_t taken() { return stack.simulator().stats("kakao").unique; }
  /// Requests whose end the ledger knows.
  std::int64_t ended();
  /// Those of them that died.
  std::int64_t dead();
  /// Processes that own partitions; 0 while some partition has no owner.
  std::int64_t owners();
  /// Calls that the provider has taken and whose outcome the ledger does not have. For a moment in which
  /// no process sends.
  std::int64_t sent_without_outcome();
  /// Sum of a metric's samples of one process.
  double metric(const std::string& sample, const std::string& id = "");

  /// Waits until everything fed has ended, then tells and checks: nothing is lost, nothing went out under
  /// two ids, and what the provider saw twice is marked in its result.
  void finish(Report& report, std::chrono::seconds limit = std::chrono::seconds{600});
  /// When the provider has received each request that it took more than once, by key, in ms.
  std::map<std::string, std::vector<std::int64_t>> doubles();

  support::Stack stack;

 private:
  kafka::Record next(const std::string& topic);
  std::set<std::string> marked_results();

  support::Upstream upstream_{stack.kafka};
  std::int64_t fed_ = 0;
};

/// What the kakao service's group has committed.
class Committed {
 public:
  explicit Committed(const support::Stack& stack);
  /// The sum over the partitions of kakao.request. Notes how far a partition went back.
  std::int64_t sum();
  std::int64_t furthest_back() const { return furthest_back_; }

 private:
  asio::io_context io_;
  kafka::Consumer consumer_;
  std::string topic_;
  std::map<int, std::int64_t> last_;
  std::int64_t furthest_back_ = 0;
};

std::int64_t now_ms();

}  // namespace bongsu::scenarios
