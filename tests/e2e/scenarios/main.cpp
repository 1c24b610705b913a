// The long tests by id, one JSON line each on stdout; exit code 1 when something did not hold.
// SOAK_SCALE shrinks sizes and times (0.05: a twentieth), SOAK_SEED repeats a run of `crash`,
// SOAK_MEMORY_SECONDS is how long the provider is dead in `memory`.
#include "scenarios.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <random>
#include <vector>

namespace bongsu::scenarios {
namespace {

double number_from(const char* variable, double otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise : std::strtod(text, nullptr);
}

const double kScale = number_from("SOAK_SCALE", 1);

template <class T>
T scaled(T full, double least) {
  return static_cast<T>(std::max(least, std::round(static_cast<double>(full) * kScale)));
}
std::chrono::seconds scaled(std::chrono::seconds full, std::chrono::seconds least) {
  return std::chrono::seconds{
      scaled<std::chrono::seconds::rep>(full.count(), static_cast<double>(least.count()))};
}

std::uint64_t seed() {
  const auto given = number_from("SOAK_SEED", 0);
  return given > 0 ? static_cast<std::uint64_t>(given) : std::random_device{}();
}

using namespace std::chrono_literals;
using Reports = std::vector<Report>;

Crash crash_sizes(bool idempotent) {
  Crash sizes{.idempotent = idempotent, .seed = seed()};
  sizes.requests = scaled(sizes.requests, 200);
  sizes.kills = scaled(sizes.kills, 1);
  return sizes;
}

Outage outage_sizes() {
  Outage sizes;
  sizes.away = scaled(sizes.away, 6s);
  sizes.backlog = scaled(sizes.backlog, 4'000);
  return sizes;
}

Reports each_strategy(Limit sizes) {
  Reports reports;
  for (const auto* strategy : {"token-bucket", "fixed-window", "sliding-window"}) {
    sizes.strategy = strategy;
    reports.push_back(limit(sizes));
  }
  return reports;
}

Reports limits() {
  Limit sizes;
  sizes.requests = scaled(sizes.requests, 50);
  return each_strategy(sizes);
}

/// At least two minutes: one window of the fixed ones would tell little.
Reports limit_use() {
  Limit sizes{.per_minute = 600};
  sizes.length = scaled(300s, 120s) / 60 * 60;
  // What is used up before the first whole minute, and one minute more than can be sent.
  sizes.requests = sizes.per_minute * (sizes.length.count() / 60 + 2);
  return each_strategy(sizes);
}

Lanes lanes_sizes() {
  Lanes sizes;
  sizes.bulk = scaled(sizes.bulk, 10'000);
  sizes.transactional = scaled(sizes.transactional, 50);
  return sizes;
}

Memory memory_sizes() {
  Memory sizes;
  sizes.requests = scaled(sizes.requests, 10'000);
  sizes.dead = scaled(sizes.dead, 20s);
  sizes.dead = std::chrono::seconds{static_cast<std::chrono::seconds::rep>(
      number_from("SOAK_MEMORY_SECONDS", static_cast<double>(sizes.dead.count())))};
  return sizes;
}

Pause pause_sizes() {
  Pause sizes;
  sizes.members = scaled(sizes.members, 10'000);
  sizes.rounds = scaled(sizes.rounds, 1);
  return sizes;
}

Letters letters_sizes() {
  Letters sizes;
  sizes.letters = scaled(sizes.letters, 2'000);
  sizes.kills = scaled(sizes.kills, 1);
  return sizes;
}

Reports run(const std::string& id) {
  if (id == "crash") return {crash(crash_sizes(true))};
  if (id == "crash-plain") return {crash(crash_sizes(false))};
  if (id == "rebalance") return {rebalance({.rebalances = scaled(Rebalance{}.rebalances, 2)})};
  if (id == "freeze") return {freeze({.stopped = scaled(Freeze{}.stopped, 12s)})};
  if (id == "outage") return {outage(outage_sizes())};
  if (id == "poison") return {poison({.length = scaled(Poison{}.length, 5s)})};
  if (id == "term") return {term({.rounds = scaled(Term{}.rounds, 1)})};
  if (id == "limit") return limits();
  if (id == "limit-use") return limit_use();
  if (id == "lanes") return {lanes(lanes_sizes())};
  if (id == "memory") return {memory(memory_sizes())};
  if (id == "pause") return {pause(pause_sizes())};
  if (id == "letters") return {letters(letters_sizes())};
  throw std::invalid_argument{"no such id"};
}

/// A scenario that could not be run to its end has not held either.
Reports run_or_say_why(const std::string& id) {
  try {
    return run(id);
  } catch (const std::exception& trouble) {
    Report report{id};
    report.expect(false, trouble.what());
    return {report};
  }
}

}  // namespace
}  // namespace bongsu::scenarios

int main(int argc, char** argv) {
  bool ok = argc > 1;
  for (int i = 1; i < argc; ++i) {
    for (const auto& report : bongsu::scenarios::run_or_say_why(argv[i])) {
      std::puts(report.json().c_str());
      std::fflush(stdout);
      ok = ok && report.ok();
    }
  }
  return ok ? 0 : 1;
}
