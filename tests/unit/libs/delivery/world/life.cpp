#include "life.hpp"

namespace bongsu::world {

namespace {

constexpr int kMostAtOnce = 100'000;  // handlers without time going on: they turn in a circle

}  // namespace

Life::Life(Simulation& simulation, int its_process, int its_number)
    : sim(simulation),
      process(its_process),
      number(its_number),
      name(std::string(1, static_cast<char>('A' + its_process)) + std::to_string(its_number)),
      work_(asio::make_work_guard(loop)) {}

void Life::run_ready() {
  if (moment_ != sim.now()) handlers_ = 0;
  moment_ = sim.now();
  while (running() && loop.poll_one() > 0) {
    if (++handlers_ < kMostAtOnce) continue;
    sim.violation("never rests", name);
    return crash();
  }
}

void Life::crash() {
  dead = true;
  died_at = sim.now();
  sim.tell([&] { return "CRASH " + name; });
}

void Life::freeze(Duration duration) {
  frozen_until = sim.now() + duration;
  last_trouble = std::max(last_trouble, frozen_until);
  last_freeze = std::max(last_freeze, frozen_until);
  sim.tell([&] { return "FREEZE " + name; });
  sim.after(duration, [this] {
    sim.tell([&] { return "THAW " + name; });
    sim.wake(*this);
  });
}

void Life::cut_from_ledger(Duration duration) {
  ledger_cut_until = sim.now() + duration;
  last_trouble = std::max(last_trouble, ledger_cut_until);
  sim.tell([&] { return "CUT FROM LEDGER " + name; });
}

}  // namespace bongsu::world
