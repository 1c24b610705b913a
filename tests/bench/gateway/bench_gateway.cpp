// P1 and P2: what the gateway accepts a second, everything durable, against the same rows written by hand
// into the same PostgreSQL in the same run. M1: what the gateway and its neighbours need of memory.
//
//   bench_gateway P1|P2|M1…     prints a JSON line for each; tests/bench/run starts what it needs and sets
//   BENCH_GATEWAY_PORT, BENCH_GATEWAY_PID, BENCH_TOKEN, BENCH_DATABASE (the gateway's, as administrator),
//   BENCH_LIMIT_DATABASE (another with the same tables), BENCH_IDLE (NAME=PID …, for M1)
//   BENCH_SECONDS               how long each of a benchmark's six rounds lasts; default 10
#include "database.hpp"
#include "load.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <unistd.h>

namespace bongsu::bench {
namespace {

constexpr int kClients = 64;
constexpr int kBatch = 1000;
constexpr int kBatchClients = 4;
constexpr int kRounds = 3;
constexpr std::chrono::seconds kWarmUp{2};
constexpr double kAllowedMib = 40;

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0')
    throw std::runtime_error{std::string{name} + " is not set: use tests/bench/run"};
  return value;
}

int round_seconds() {
  const char* const text = std::getenv("BENCH_SECONDS");
  return text == nullptr ? 10 : std::stoi(text);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.at(values.size() / 2);
}

std::string listed(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += fmt::format("{}{:.0f}", text.empty() ? "" : ",", value);
  return "[" + text + "]";
}

/// A line of /proc/PID/status in MiB: VmRSS, VmHWM.
double memory_of(const std::string& pid, const std::string& line) {
  std::ifstream status{"/proc/" + pid + "/status"};
  for (std::string text; std::getline(status, text);) {
    if (text.starts_with(line + ":")) return std::stod(text.substr(line.size() + 1)) / 1024;
  }
  throw std::runtime_error{"no process " + pid};
}

/// Processor time that a process has used, in seconds.
double processor_time_of(const std::string& pid) {
  std::ifstream file{"/proc/" + pid + "/stat"};
  std::string stat;
  std::getline(file, stat);
  std::istringstream fields{stat.substr(stat.rfind(')') + 2)};
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void print(const std::string& id, double value, const std::string& unit, double limit,
           const std::string& detail) {
  std::cout
      << fmt::format(
             R"({{"bench":"{}","value":{:.1f},"unit":"{}","limit":{:.1f},"ratio":{:.3f},"detail":{{{}}}}})",
             id, value, unit, limit, value / limit, detail)
      << std::endl;
}

Target target(const std::string& path) {
  return {.port = static_cast<std::uint16_t>(std::stoi(setting("BENCH_GATEWAY_PORT"))),
          .path = path,
          .token = setting("BENCH_TOKEN")};
}

std::uint64_t stored_messages(const std::string& database) {
  return std::stoull(ask(database, "SELECT count(*) FROM message").at(0));
}

/// Lets the machine come to rest: what was accepted is published, what was written is on disk.
void settle(const std::string& database) {
  await_published(database);
  ask(database, "CHECKPOINT");
}

/// Rounds of the gateway and of its limit take turns.
struct Rounds {
  std::vector<double> ours;
  std::vector<double> limit;
  std::vector<double> p99_ms;
  double median_ms = 0;
  double processor_us = 0;  ///< the gateway's, for each message, from accepting to publishing
  RowSizes sizes;
};

template <class Limit>
Rounds take_turns(const std::string& path, int clients, std::uint64_t messages_a_request,
                  const std::function<std::string()>& next_body, Limit run_limit) {
  const auto database = setting("BENCH_DATABASE");
  const auto before = stored_messages(database);
  const auto pid = setting("BENCH_GATEWAY_PID");
  const auto used_before = processor_time_of(pid);
  // Not counted: Kafka's virtual machine has yet to compile what it runs often.
  const auto warm =
      run_load(target(path), clients, kWarmUp, std::chrono::seconds{round_seconds()}, next_body);
  std::uint64_t accepted = warm.answered * messages_a_request;
  settle(database);
  Rounds rounds;
  for (int i = 0; i < kRounds; ++i) {
    const auto result =
        run_load(target(path), clients, kWarmUp, std::chrono::seconds{round_seconds()}, next_body);
    accepted += result.answered * messages_a_request;
    rounds.ours.push_back(result.per_second * static_cast<double>(messages_a_request));
    rounds.p99_ms.push_back(result.p99_ms);
    rounds.median_ms = result.median_ms;
    if (i == 0) rounds.sizes = measure_rows(database);
    settle(database);
    rounds.limit.push_back(run_limit(rounds.sizes));
    settle(database);
  }
  const auto stored = stored_messages(database) - before;
  if (stored != accepted) {
    throw std::runtime_error{fmt::format("{} messages were accepted and {} are stored", accepted, stored)};
  }
  rounds.processor_us = (processor_time_of(pid) - used_before) * 1e6 / static_cast<double>(accepted);
  return rounds;
}

std::string describe(const Rounds& rounds, int clients) {
  return fmt::format(R"("clients":{},"rounds":{},"limit_rounds":{},"median_ms":{:.2f},"p99_ms":{:.2f},)"
                     R"("row_bytes":{},"gateway_processor_us":{:.1f},"gateway_peak_mib":{:.1f})",
                     clients, listed(rounds.ours), listed(rounds.limit), rounds.median_ms,
                     median(rounds.p99_ms), rounds.sizes.key + rounds.sizes.headers + rounds.sizes.value,
                     rounds.processor_us, memory_of(setting("BENCH_GATEWAY_PID"), "VmHWM"));
}

void p1() {
  Messages messages{std::random_device{}()};
  const auto limit_database = setting("BENCH_LIMIT_DATABASE");
  const auto rounds = take_turns(
      "/api/messages", kClients, 1, [&] { return messages.next(); },
      [&](const RowSizes& sizes) { return run_pgbench(limit_database, sizes, kClients, round_seconds()); });
  print("P1", median(rounds.ours), "messages/s", median(rounds.limit), describe(rounds, kClients));
}

void p2() {
  Messages messages{std::random_device{}()};
  const auto limit_database = setting("BENCH_LIMIT_DATABASE");
  const auto rounds = take_turns(
      "/api/messages/batch", kBatchClients, kBatch, [&] { return messages.next_batch(kBatch); },
      [&](const RowSizes& sizes) {
        return run_unnest(limit_database, sizes, kBatchClients, kBatch, round_seconds());
      });
  print("P2", median(rounds.ours), "messages/s", median(rounds.limit), describe(rounds, kBatchClients));
}

/// The limit here is what we allow ourselves, not something measured.
void m1() {
  double most = 0;
  std::string detail;
  std::istringstream services{setting("BENCH_IDLE")};
  for (std::string entry; services >> entry;) {
    const auto equals = entry.find('=');
    const double resident = memory_of(entry.substr(equals + 1), "VmRSS");
    most = std::max(most, resident);
    detail += fmt::format("{}\"{}\":{:.1f}", detail.empty() ? "" : ",", entry.substr(0, equals), resident);
  }
  print("M1", most, "MiB", kAllowedMib, detail);
}

int run(const std::vector<std::string>& ids) {
  for (const auto& id : ids) {
    if (id == "P1") {
      p1();
    } else if (id == "P2") {
      p2();
    } else if (id == "M1") {
      m1();
    } else {
      std::cerr << "unknown benchmark: " << id << "\n";
      return 2;
    }
  }
  return 0;
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) {
  try {
    return bongsu::bench::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "bench_gateway: " << error.what() << "\n";
    return 1;
  }
}
