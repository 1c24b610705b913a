// P9, P10, P11, P13, R1, W1: bulk jobs. See tests/bench/README.md.
#include "../channel/requests.hpp"
#include "../relay/bare.hpp"
#include "keyset.hpp"
#include "measure/measure.hpp"
#include "members.hpp"
#include "results.hpp"
#include "watchers.hpp"

#include <bongsu/events/topics.hpp>

#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace bongsu::bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes kLongest{20};
const std::vector<std::string> kServices{"gateway", "jobs", "kakao"};

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

void await(const std::string& what, const std::function<bool()>& holds) {
  const auto deadline = Clock::now() + kLongest;
  while (!holds()) {
    if (Clock::now() > deadline) throw std::runtime_error("it takes too long: " + what);
    std::this_thread::sleep_for(20ms);
  }
}

/// 1,000,000 members → requests on Kafka, against the slower of a bare keyset read and a bare producer.
void p9() {
  const int members = number_of("BENCH_MEMBERS", 1'000'000);
  support::Stack stack;
  stack.start("gateway");
  import_members(stack, members);
  analyze_members(stack.database.administrator().uri);
  const auto requests = stack.topic("kakao.bulk");
  request_job(stack);
  await("the first request", [&] { return written_to(stack.kafka.brokers(), requests) > 0; });
  const auto began = Clock::now();
  const auto head = written_to(stack.kafka.brokers(), requests);
  await("every request", [&] { return written_to(stack.kafka.brokers(), requests) >= members; });
  const auto ours = static_cast<double>(members - head) / seconds_since(began);
  const auto cpu = processor_seconds(stack.pid("gateway")) * 1e6 / members;
  const auto peak = peak_mib(stack.pid("gateway"));
  await("every page is forgotten",
        [&] { return stack.count("SELECT count(*) FROM gateway.bulk_page") == 0; });
  stack.stop("gateway");

  const auto keyset = bare_keyset_read(stack.database.administrator().uri, members);
  std::vector<std::string> keys;
  std::vector<std::string> values;
  Headers headers;
  for (auto& record : stack.kafka.read(requests, 1000)) {
    if (keys.size() == 10'000) break;
    keys.push_back(record.key);
    values.push_back(*record.value);
    headers = record.headers;
  }
  const auto topic = stack.kafka.create_topic("limit", 4);
  const auto producer =
      bare_producer(stack.kafka.brokers(), topic, keys, values, headers, static_cast<std::size_t>(members));
  const auto limit = std::min(keyset, producer);
  print({.id = "P9",
         .value = ours,
         .unit = "members/s",
         .limit = limit,
         .detail = fmt::format(R"("keyset":{:.0f},"producer":{:.0f},"processor_us":{:.1f},"peak_mib":{:.1f})",
                               keyset, producer, cpu, peak)});
}

/// What a job of that many members took.
struct Job {
  double per_second = 0;
  double processor_us = 0;  ///< of gateway, jobs and kakao, a member
  std::map<std::string, double> peak;
  double database_bytes = 0;  ///< that it added, a member
  double records = 0;         ///< that it added to all topics, a member
};

double database_bytes(support::Stack& stack) {
  return static_cast<double>(stack.count("SELECT pg_database_size(current_database())"));
}

double records(support::Stack& stack) {
  double sum = 0;
  for (const auto& topic : events::Topics{stack.kafka.prefix()}.all({}))
    sum += static_cast<double>(written_to(stack.kafka.brokers(), topic.name, topic.partitions));
  return sum;
}

std::string end_of(support::Stack& stack, const std::string& id) {
  std::string state;
  await("the job's end", [&] {
    const auto answer = stack.get("/api/admin/messages/send/" + id + "/status");
    if (answer.status != 200) return false;
    const auto data = answer.json().at("data");
    state = std::string{data.at("status").as_string()};
    return data.at("pendingCount").as_int64() == 0 && !data.at("completedAt").is_null();
  });
  return state;
}

void start_for_jobs(support::Stack& stack) {
  stack.environment["MESSAGE_API_KAKAOTALK_CONNECTIONS"] = "200";
  stack.environment["DELIVERY_IN_FLIGHT_RECORDS"] = "600";
  for (const auto& service : kServices) stack.start(service);
}

/// From the administrator's call to COMPLETED.
Job run_job(support::Stack& stack, int members) {
  double before = 0;
  for (const auto& service : kServices) before += processor_seconds(stack.pid(service));
  const auto bytes_before = database_bytes(stack);
  const auto records_before = records(stack);
  const auto began = Clock::now();
  const auto answer =
      stack.post("/api/admin/messages/send",
                 R"({"ageGroup":"TWENTIES","message":"{{name}}님, 주문하신 상품이 출발했습니다."})");
  if (answer.status != 202) throw std::runtime_error("the job was refused: " + answer.body);
  const auto state = end_of(stack, std::string{answer.json().at("data").at("jobId").as_string()});
  if (state != "COMPLETED") throw std::runtime_error("the job ended as " + state);
  Job job{.per_second = members / seconds_since(began), .peak = {}};
  double after = 0;
  for (const auto& service : kServices) {
    after += processor_seconds(stack.pid(service));
    job.peak[service] = peak_mib(stack.pid(service));
  }
  job.processor_us = (after - before) * 1e6 / members;
  job.database_bytes = (database_bytes(stack) - bytes_before) / members;
  job.records = (records(stack) - records_before) / members;
  stack.simulator().forget_messages();
  return job;
}

Job one_job(int members) {
  support::Stack stack;
  start_for_jobs(stack);
  import_members(stack, members);
  analyze_members(stack.database.administrator().uri);
  return run_job(stack, members);
}

/// REST call → COMPLETED, 100,000 members, against the same channel fed from its topic.
void p10() {
  const int members = number_of("BENCH_MEMBERS", 100'000);
  support::Stack stack;
  start_for_jobs(stack);
  import_members(stack, members);
  analyze_members(stack.database.administrator().uri);
  const auto job = run_job(stack, members);
  stack.stop("gateway");
  stack.stop("jobs");
  stack.stop("kakao");
  const auto results = stack.topic("delivery.result");
  const auto before = written_to(stack.kafka.brokers(), results);
  write_requests(stack.kafka.producer(), stack.topic("kakao.request"), members, "test");
  stack.launch("kakao");
  await("the first result", [&] { return written_to(stack.kafka.brokers(), results) > before; });
  const auto began = Clock::now();
  const auto head = written_to(stack.kafka.brokers(), results) - before;
  await("every result", [&] { return written_to(stack.kafka.brokers(), results) - before >= members; });
  const auto p5 = static_cast<double>(members - head) / seconds_since(began);
  print({.id = "P10",
         .value = job.per_second,
         .unit = "members/s",
         .limit = p5,
         .detail = fmt::format(
             R"("processor_us":{:.1f},"gateway_mib":{:.1f},"jobs_mib":{:.1f},"kakao_mib":{:.1f})",
             job.processor_us, job.peak.at("gateway"), job.peak.at("jobs"), job.peak.at("kakao"))});
}

/// Memory of each process with 1,000,000 members against 10,000: the greatest of the ratios.
void p11() {
  const auto small = one_job(10'000);
  const auto large = one_job(number_of("BENCH_MEMBERS", 1'000'000));
  std::string detail;
  std::string worst;
  for (const auto& service : kServices) {
    const auto ratio = large.peak.at(service) / small.peak.at(service);
    detail += fmt::format(R"({}"{}_mib":[{:.1f},{:.1f}])", detail.empty() ? "" : ",", service,
                          small.peak.at(service), large.peak.at(service));
    if (worst.empty() || ratio > large.peak.at(worst) / small.peak.at(worst)) worst = service;
  }
  print({.id = "P11",
         .value = large.peak.at(worst),
         .unit = "MiB",
         .limit = small.peak.at(worst),
         .detail = detail});
}

/// Processor time a member at 1,000,000 against 100,000.
void p13() {
  const auto small = one_job(100'000);
  const auto large = one_job(number_of("BENCH_MEMBERS", 1'000'000));
  print({.id = "P13",
         .value = large.processor_us,
         .unit = "us/member",
         .limit = small.processor_us,
         .detail = fmt::format(
             R"("rates":[{:.0f},{:.0f}],"database_bytes":[{:.0f},{:.0f}],"records":[{:.3f},{:.3f}])",
             small.per_second, large.per_second, small.database_bytes, large.database_bytes, small.records,
             large.records)});
}

/// Results alone: they wait on the topic when jobs starts. The limit is the requirement, 100,000 a second.
void r1() {
  constexpr double kWanted = 100'000;
  const int pages = number_of("BENCH_PAGES", 1000);
  support::Stack stack;
  stack.start("jobs");
  const auto made = stack.ctl("-o json job create --age-group TWENTIES --message x");
  if (made.exit_code != 0) throw std::runtime_error("the job was refused: " + made.error);
  const auto job = std::string{boost::json::parse(made.output).at("name").as_string()}.substr(5);
  write_planned(stack, job, pages);
  await("every page is planned", [&] { return stack.count("SELECT count(*) FROM jobs.page") >= pages; });
  stack.stop("jobs");
  write_results(stack, job, pages);
  const auto counted = [&] {
    return stack.count(
        "SELECT coalesce(sum(next_offset), 0)::bigint FROM jobs.intake_offset WHERE topic = '" +
        stack.topic("delivery.result") + "'");
  };
  stack.launch("jobs");
  await("the first count", [&] { return counted() > 0; });
  const auto began = Clock::now();
  const auto head = counted();
  const auto all = static_cast<std::int64_t>(pages) * 1000;
  await("every result is counted", [&] { return counted() >= all; });
  const auto rate = static_cast<double>(all - head) / seconds_since(began);
  print({.id = "R1",
         .value = rate,
         .unit = "results/s",
         .limit = kWanted,
         .detail = fmt::format(R"("processor_us":{:.1f},"peak_mib":{:.1f})",
                               processor_seconds(stack.pid("jobs")) * 1e6 / static_cast<double>(all),
                               peak_mib(stack.pid("jobs")))});
}

/// A change of a job, until the last of its watchers knows. The limit is the requirement, 200 ms.
void w1() {
  constexpr double kWanted = 200;
  const int watchers = number_of("BENCH_WATCHERS", 2'000);
  support::Stack stack;
  stack.start("jobs");
  const auto made = stack.ctl("-o json job create --age-group TWENTIES --message x");
  if (made.exit_code != 0) throw std::runtime_error("the job was refused: " + made.error);
  const auto job = std::string{boost::json::parse(made.output).at("name").as_string()}.substr(5);
  const auto watched = watch_job(stack, job, watchers, 10);
  print({.id = "W1",
         .value = watched.latest_ms,
         .unit = "ms",
         .limit = kWanted,
         .detail = fmt::format(R"("watchers":{},"most_a_second":{:.0f},"peak_mib":{:.1f})", watchers,
                               watched.most_a_second, peak_mib(stack.pid("jobs")))});
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) {
  using namespace bongsu::bench;
  return run(argc, argv, {{"P9", p9}, {"P10", p10}, {"P11", p11}, {"P13", p13}, {"R1", r1}, {"W1", w1}});
}
