#pragma once
#include "simulation.hpp"

#include <bongsu/core/time.hpp>

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>

namespace bongsu::world {

/// The loop of one life. shutdown() ends the coroutines that wait in it while what they refer to is
/// still there; the loop itself goes last.
class Loop : public asio::io_context {
 public:
  Loop() : asio::io_context(1) {}
  using asio::execution_context::shutdown;
};

/// One life of a process, as the simulated parts see it: what runs, and when it does not.
class Life final : public Runner {
 public:
  Life(Simulation& sim, int its_process, int its_number);

  void run_ready() override;

  /// At once and for good, whatever it was doing; what is on the wire may still arrive.
  void crash();
  /// Nothing of it runs until then, while time goes on (SIGSTOP).
  void freeze(Duration duration);
  /// PostgreSQL, or Kafka, is out of reach for this life alone.
  void cut_from_ledger(Duration duration);
  void cut_from_log(Duration duration) { log_cut_until = sim.now() + duration; }

  bool alive() const { return !dead; }
  bool frozen() const { return sim.now() < frozen_until; }
  bool running() const { return alive() && !frozen(); }
  /// Whether it stood still, or was cut from the ledger, at some time since `since`.
  bool troubled_since(Moment since) const { return last_trouble >= since; }
  bool troubled() const { return frozen() || sim.now() < ledger_cut_until || sim.now() < log_cut_until; }
  bool frozen_since(Moment since) const { return last_freeze >= since; }

  Simulation& sim;
  int process;
  int number;
  std::string name;  ///< "A1": the process and its life
  bool dead = false;
  Moment died_at = Moment::max();
  Moment frozen_until{};
  Moment ledger_cut_until{};
  Moment log_cut_until{};
  Moment last_trouble{};
  Moment last_freeze{};
  Loop loop;

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  Moment moment_{};
  int handlers_ = 0;  // that have run at this moment
};

/// Asks the world for something on behalf of a coroutine of `life`. `begin` gets a function that gives
/// the answer, once; it reaches the coroutine when the life runs.
template <class T, class Begin>
asio::awaitable<T> ask(Life& life, Begin begin) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(
      [&life](auto handler, Begin start) {
        auto waiting = std::make_shared<std::move_only_function<void(T)>>(
            [handler = std::move(handler)](T value) mutable { std::move(handler)(std::move(value)); });
        start([&life, waiting](T value) {
          if (!*waiting) return;
          asio::post(life.loop, [go = std::exchange(*waiting, {}), value = std::move(value)]() mutable {
            go(std::move(value));
          });
          life.sim.wake(life);
        });
      },
      asio::use_awaitable, std::move(begin));
}

}  // namespace bongsu::world
