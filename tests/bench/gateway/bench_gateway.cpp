// P1 and P2: what the gateway accepts a second, everything durable, against the same rows written by hand
// into the same PostgreSQL in the same run. M1: what the gateway and its neighbours need of memory.
//
//   bench_gateway P1|P2|M1…     prints a JSON line for each; tests/bench/run starts what it needs and sets
//   BENCH_GATEWAY_PORT, BENCH_GATEWAY_PID, BENCH_TOKEN, BENCH_DATABASE (the gateway's, as administrator),
//   BENCH_LIMIT_DATABASE (another with the same tables), BENCH_IDLE (NAME=PID …, for M1)
//   BENCH_SECONDS               how long each of a benchmark's six rounds lasts; default 10
#include "database.hpp"
#include "load.hpp"
#include "measure/measure.hpp"

#include <algorithm>
#include <random>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

namespace bongsu::bench {
namespace {

constexpr int kClients = 64;
constexpr int kBatch = 1000;
constexpr int kBatchClients = 4;
constexpr int kRounds = 3;
constexpr std::chrono::seconds kWarmUp{2};
constexpr double kAllowedMib = 40;

int round_seconds() { return number_of("BENCH_SECONDS", 10); }

std::string listed(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += fmt::format("{}{:.0f}", text.empty() ? "" : ",", value);
  return "[" + text + "]";
}

pid_t gateway() { return number_of("BENCH_GATEWAY_PID", 0); }

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
  const auto used_before = processor_seconds(gateway());
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
  rounds.processor_us = (processor_seconds(gateway()) - used_before) * 1e6 / static_cast<double>(accepted);
  return rounds;
}

std::string describe(const Rounds& rounds, int clients) {
  return fmt::format(R"("clients":{},"rounds":{},"limit_rounds":{},"median_ms":{:.2f},"p99_ms":{:.2f},)"
                     R"("row_bytes":{},"gateway_processor_us":{:.1f},"gateway_peak_mib":{:.1f})",
                     clients, listed(rounds.ours), listed(rounds.limit), rounds.median_ms,
                     median(rounds.p99_ms), rounds.sizes.key + rounds.sizes.headers + rounds.sizes.value,
                     rounds.processor_us, peak_mib(gateway()));
}

void p1() {
  Messages messages{std::random_device{}()};
  const auto limit_database = setting("BENCH_LIMIT_DATABASE");
  const auto rounds = take_turns(
      "/api/messages", kClients, 1, [&] { return messages.next(); },
      [&](const RowSizes& sizes) { return run_pgbench(limit_database, sizes, kClients, round_seconds()); });
  print({.id = "P1",
         .value = median(rounds.ours),
         .unit = "messages/s",
         .limit = median(rounds.limit),
         .detail = describe(rounds, kClients)});
}

void p2() {
  Messages messages{std::random_device{}()};
  const auto limit_database = setting("BENCH_LIMIT_DATABASE");
  const auto rounds = take_turns(
      "/api/messages/batch", kBatchClients, kBatch, [&] { return messages.next_batch(kBatch); },
      [&](const RowSizes& sizes) {
        return run_unnest(limit_database, sizes, kBatchClients, kBatch, round_seconds());
      });
  print({.id = "P2",
         .value = median(rounds.ours),
         .unit = "messages/s",
         .limit = median(rounds.limit),
         .detail = describe(rounds, kBatchClients)});
}

/// The limit here is what we allow ourselves, not something measured.
void m1() {
  double most = 0;
  std::string detail;
  std::istringstream services{setting("BENCH_IDLE")};
  for (std::string entry; services >> entry;) {
    const auto equals = entry.find('=');
    const double resident = memory_mib(std::stoi(entry.substr(equals + 1)), "VmRSS");
    most = std::max(most, resident);
    detail += fmt::format("{}\"{}\":{:.1f}", detail.empty() ? "" : ",", entry.substr(0, equals), resident);
  }
  print({.id = "M1", .value = most, .unit = "MiB", .limit = kAllowedMib, .detail = detail});
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) {
  using namespace bongsu::bench;
  return run(argc, argv, {{"P1", p1}, {"P2", p2}, {"M1", m1}});
}
