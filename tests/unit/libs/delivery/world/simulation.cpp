#include "simulation.hpp"

#include <utility>

#include <fmt/format.h>

namespace bongsu::world {

Simulation::Simulation(std::uint64_t seed, Rule without, bool tracing)
    : seed_(seed), without_(without), tracing_(tracing), random_(seed) {
  use_alarms(this);
}

Simulation::~Simulation() { use_alarms(nullptr); }

void Simulation::after(Duration duration, std::function<void()> action) {
  events_.emplace(std::pair{now_ + duration, ++last_id_}, Event{std::move(action), nullptr});
}

Alarms::Id Simulation::set(Duration duration, std::function<void()> ring) {
  const auto when = now_ + std::max(duration, Duration{0});
  const auto id = ++last_id_;
  events_.emplace(std::pair{when, id}, Event{std::move(ring), running_});
  alarms_.emplace(id, when);
  return id;
}

void Simulation::cancel(Id id) {
  const auto found = alarms_.find(id);
  if (found == alarms_.end()) return;
  events_.erase({found->second, id});
  alarms_.erase(found);
}

bool Simulation::step() {
  if (events_.empty()) return false;
  auto next = events_.extract(events_.begin());
  now_ = std::max(now_, next.key().first);
  alarms_.erase(next.key().second);
  if (next.mapped().owner != nullptr) wake(*next.mapped().owner);
  next.mapped().action();
  run_ready();
  return true;
}

void Simulation::run_ready() {
  while (!ready_.empty()) {
    const auto ready = std::exchange(ready_, {});
    for (auto* runner : ready) {
      running_ = runner;
      runner->run_ready();
      running_ = nullptr;
    }
  }
}

void Simulation::forget_the_future() {
  // What waits is destroyed with its event, and may cancel alarms on the way: they are known no more.
  const auto gone = std::exchange(events_, {});
  alarms_.clear();
}

bool Simulation::chance(double probability) {
  return static_cast<double>(random_.below(1'000'000)) < probability * 1'000'000;
}

Duration Simulation::between(Duration least, Duration most) {
  return least + Duration{static_cast<Duration::rep>(
                     random_.below(static_cast<std::uint64_t>((most - least).count()) + 1))};
}

void Simulation::violation(const std::string& kind, const std::string& what) {
  violations_.push_back(kind + ": " + what);
  kinds_.insert(kind);
  tell([&] { return "VIOLATION " + violations_.back(); });
}

void Simulation::add_line(const std::string& line) {
  const auto since = std::chrono::duration<double>(since_beginning());
  lines_.push_back(fmt::format("{:10.4f} {}", since.count(), line));
}

Timestamp wall_time(const Simulation& sim) {
  constexpr Timestamp kFirst{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
  return kFirst + std::chrono::floor<std::chrono::milliseconds>(sim.since_beginning());
}

}  // namespace bongsu::world
