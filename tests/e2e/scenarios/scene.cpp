#include "scene.hpp"

#include "support/run.hpp"

#include <algorithm>
#include <stdexcept>

#include <poll.h>

namespace bongsu::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kChunk = 5'000;
constexpr int kPartitions = 4;

}  // namespace

std::int64_t now_ms() { return SystemClock{}.now().time_since_epoch().count(); }

Scene::Scene(const Provider& provider) {
  auto& environment = stack.environment;
  environment["MESSAGE_API_KAKAOTALK_CONNECTIONS"] = std::to_string(provider.connections);
  environment["MESSAGE_API_KAKAOTALK_RATE_LIMIT_REQUESTS_PER_MINUTE"] = "0";
  stack.simulator().settings(R"({"delayMs":)" + std::to_string(provider.delay_ms) + R"(,"idempotent":)" +
                             (provider.idempotent ? "true" : "false") + "}");
}

kafka::Record Scene::next(const std::string& topic) {
  const auto number = std::to_string(fed_++);
  return support::clear_request(topic, "soak-" + number, "010-1234-5678", number);
}

void Scene::feed(std::int64_t count, const std::string& lane) {
  const auto topic = stack.topic("kakao." + lane);
  while (count > 0) {
    std::vector<kafka::Record> records;
    const auto chunk = std::min(count, kChunk);
    records.reserve(static_cast<std::size_t>(chunk));
    for (std::int64_t i = 0; i < chunk; ++i) records.push_back(next(topic));
    upstream_.send(std::move(records));
    count -= chunk;
  }
}

void Scene::keep_ahead(std::int64_t backlog) {
  const auto missing = backlog - (fed_ - taken());
  if (missing >= std::max<std::int64_t>(1, backlog / 4)) feed(missing);
}

void Scene::until(std::string_view what, const std::function<bool()>& holds, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"not within " + std::to_string(limit.count()) + " s: " + std::string{what}};
    if (meanwhile) meanwhile();
    ::poll(nullptr, 0, 5);
  }
}

void Scene::progress(std::int64_t more) {
  const auto aim = taken() + more;
  until("the provider takes " + std::to_string(more) + " more", [&] { return taken() >= aim; });
}

std::int64_t Scene::ended() {
  return stack.count("SELECT count(*) FROM kakao.ledger WHERE outcome IN (1, 3, 4)");
}

std::int64_t Scene::dead() {
  return stack.count("SELECT count(*) FROM kakao.ledger WHERE outcome IN (3, 4)");
}

std::int64_t Scene::owners() {
  return stack.count(
      "SELECT CASE WHEN bool_or(owner IS NULL) THEN 0 ELSE count(DISTINCT split_part(owner, '.', 1)) END "
      "FROM kakao.claim");
}

std::int64_t Scene::sent_without_outcome() {
  std::int64_t requests = -1;
  until("the provider has answered all it was asked", [&] {
    const auto stats = stack.simulator().stats("kakao");
    return stats.in_flight == 0 && std::exchange(requests, stats.requests) == stats.requests;
  });
  return taken() - stack.count("SELECT count(*) FROM kakao.ledger WHERE outcome = 1");
}

double Scene::metric(const std::string& sample, const std::string& id) {
  const auto text = support::http_get(stack.management("kakao", id) + "/metrics").body;
  double sum = 0;
  for (auto at = text.find("\n" + sample); at != std::string::npos; at = text.find("\n" + sample, at + 1)) {
    const auto value = text.find(' ', text.find('}', at) < text.find('\n', at + 1) ? text.find('}', at) : at);
    sum += std::stod(text.substr(value + 1));
  }
  return sum;
}

std::map<std::string, std::vector<std::int64_t>> Scene::doubles() {
  std::map<std::string, std::vector<std::int64_t>> times;
  for (const auto& seen : stack.simulator().messages("kakao", "", static_cast<std::size_t>(fed_) * 3 + 1000))
    if (seen.status == 200) times[seen.idempotency_key].push_back(seen.received_at);
  std::erase_if(times, [](const auto& each) { return each.second.size() < 2; });
  return times;
}

/// The notifications whose result says `maybe_twice`. Reads on until each request has told its result: a
/// crash lets some be published again, so there are more than requests.
std::set<std::string> Scene::marked_results() {
  std::set<std::string> told;
  std::set<std::string> marked;
  for (auto least = static_cast<std::size_t>(fed_); std::ssize(told) < fed_;) {
    const auto results = support::results_of(stack.kafka, least);
    for (const auto& result : results) {
      told.insert(result.notification_id());
      if (result.maybe_twice()) marked.insert(result.notification_id());
    }
    least = results.size() + static_cast<std::size_t>(fed_) - told.size();
  }
  return marked;
}

void Scene::finish(Report& report, std::chrono::seconds limit) {
  until("everything has ended", [&] { return ended() >= fed_; }, limit);
  std::map<std::string, std::set<std::string>> ids;  // of each request that was taken
  for (const auto& seen : stack.simulator().messages("kakao", "", static_cast<std::size_t>(fed_) * 3 + 1000))
    if (seen.status == 200) ids[seen.content].insert(seen.idempotency_key);
  const auto died = dead();
  const auto lost = fed_ - std::ssize(ids) - died;
  const auto twice = std::ranges::count_if(ids, [](const auto& each) { return each.second.size() > 1; });
  const auto marked = marked_results();
  const auto doubled = doubles();
  const auto unmarked =
      std::ranges::count_if(doubled, [&](const auto& each) { return !marked.contains(each.first); });
  report.tell("requests", fed_);
  report.tell("delivered", std::ssize(ids));
  report.tell("dead", died);
  report.tell("lost", lost);
  report.tell("under_two_ids", twice);
  report.tell("requests_repeated", std::ssize(doubled));
  report.tell("repeated_unmarked", unmarked);
  report.expect(lost <= 0, "requests were lost");
  report.expect(twice == 0, "requests went out under two ids");
  report.expect(unmarked == 0, "what the provider saw twice is not marked in its result");
}

namespace {
kafka::Consumer member_of(asio::io_context& io, const support::Stack& stack) {
  auto consumer = kafka::Consumer::open(io.get_executor(), stack.kafka.consumer("kakao"));
  if (!consumer) throw std::runtime_error{consumer.error().message};
  return std::move(*consumer);
}
}  // namespace

/// Asks for the group's offsets and never joins it.
Committed::Committed(const support::Stack& stack)
    : consumer_(member_of(io_, stack)), topic_(stack.topic("kakao.request")) {}

std::int64_t Committed::sum() {
  std::int64_t total = 0;
  for (int partition = 0; partition < kPartitions; ++partition) {
    const auto found = support::run(io_, consumer_.committed({.topic = topic_, .partition = partition}), 20s);
    if (!found) throw std::runtime_error{"no committed offsets: " + found.error().message};
    const auto offset = found->value_or(0);
    auto& last = last_[partition];
    furthest_back_ = std::max(furthest_back_, last - offset);
    last = offset;
    total += offset;
  }
  return total;
}

}  // namespace bongsu::scenarios
