#pragma once
#include "rules.hpp"

#include <bongsu/core/alarms.hpp>
#include <bongsu/core/asio.hpp>
#include <bongsu/core/random.hpp>
#include <bongsu/core/time.hpp>

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace bongsu::world {

using Duration = std::chrono::steady_clock::duration;
using Moment = std::chrono::steady_clock::time_point;
using namespace std::chrono_literals;

constexpr auto kFaultsEnd = 25s;  // after the beginning

/// Something whose coroutines run only when the simulation lets them: one life of a process.
class Runner {
 public:
  virtual ~Runner() = default;
  /// Runs what is ready until nothing is. Nothing happens while it is frozen or dead.
  virtual void run_ready() = 0;
};

/// Time, order and chance of one history. What happens stands in one queue by time; after each event the
/// lives that it concerns run until they wait again. Nothing here looks at the machine's clock, so a
/// seed gives the same history to the last step.
class Simulation final : public Alarms {
 public:
  Simulation(std::uint64_t seed, Rule without, bool tracing);
  ~Simulation() override;

  /// When every history begins, on the world's monotonic clock.
  static constexpr Moment kBeginning{std::chrono::hours{100}};

  Moment now() const { return now_; }
  Duration since_beginning() const { return now_ - kBeginning; }
  /// `action` happens in the world after `duration`.
  void after(Duration duration, std::function<void()> action);
  /// The next event, and all that follows it at once. False: nothing will ever happen any more.
  bool step();
  /// Throws away what is still to come, and with it the coroutines that wait for it.
  void forget_the_future();

  Id set(Duration duration, std::function<void()> ring) override;
  void cancel(Id id) override;

  /// `runner` has something to do: it runs before time goes on.
  void wake(Runner& runner) { ready_.push_back(&runner); }
  void run_ready();

  bool chance(double probability);
  Duration between(Duration least, Duration most);
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }
  template <class T>
  T pick(std::initializer_list<T> choices) {
    return *(choices.begin() + below(choices.size()));
  }

  bool off(Rule rule) const { return without_ == rule; }
  std::uint64_t seed() const { return seed_; }

  /// One line of the history. Cheap when nobody traces: the text is made by `line` only then.
  template <class Line>
  void tell(Line line) {
    if (tracing_) add_line(line());
  }
  void violation(const std::string& kind, const std::string& what);
  const std::vector<std::string>& lines() const { return lines_; }
  const std::vector<std::string>& violations() const { return violations_; }
  const std::set<std::string>& kinds() const { return kinds_; }

 private:
  struct Event {
    std::function<void()> action;
    Runner* owner;
  };
  void add_line(const std::string& line);

  std::uint64_t seed_;
  Rule without_;
  bool tracing_;
  SeededRandom random_;
  Moment now_ = kBeginning;
  std::map<std::pair<Moment, Id>, Event> events_;
  std::map<Id, Moment> alarms_;
  Id last_id_ = 0;
  std::vector<Runner*> ready_;
  Runner* running_ = nullptr;
  std::vector<std::string> lines_;
  std::vector<std::string> violations_;
  std::set<std::string> kinds_;
};

/// The true time of day.
Timestamp wall_time(const Simulation& sim);

}  // namespace bongsu::world
