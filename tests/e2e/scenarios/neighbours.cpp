#include "scenarios.hpp"
#include "scene.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bongsu::scenarios {
namespace {

using namespace std::chrono_literals;

/// How long each request whose text begins with "at " and the time took to the provider, in ms, sorted.
std::vector<std::int64_t> delays(Scene& scene, std::size_t limit) {
  std::vector<std::int64_t> found;
  for (const auto& seen : scene.stack.simulator().messages("kakao", "010-2222-2222", limit)) {
    std::int64_t sent_at = 0;
    std::from_chars(seen.content.data(), seen.content.data() + seen.content.size(), sent_at);
    found.push_back(seen.received_at - sent_at);
  }
  std::ranges::sort(found);
  return found;
}

/// One whose text is the time.
kafka::Record timed(const std::string& topic, int number) {
  return support::clear_request(topic, "timed-" + std::to_string(number), "010-2222-2222",
                                std::to_string(now_ms()));
}

/// An idempotent producer's first record waits until Kafka has given it an id: not what is measured here.
void warm_up(support::Upstream& upstream, const std::string& topic) {
  upstream.send({support::clear_request(topic, "first", "010-1234-5678", "first")});
}

/// When each of the neighbours, by its number, was offered to Kafka, and when Kafka had it.
struct Offered {
  std::int64_t at = 0;
  std::int64_t taken_at = 0;
};

/// How long neighbours waited: in the log, which is what a poisoned one could do to them, and in all.
struct Waited {
  std::ptrdiff_t delivered = 0;
  std::int64_t in_the_log = -1;  ///< the longest, in ms
  std::int64_t in_all = -1;
};
Waited waited(Scene& scene, const std::vector<Offered>& offered) {
  Waited longest;
  for (const auto& seen : scene.stack.simulator().messages("kakao", "010-2222-2222", offered.size() * 2)) {
    std::size_t number = 0;
    std::from_chars(seen.content.data(), seen.content.data() + seen.content.size(), number);
    const auto& it = offered.at(number);
    ++longest.delivered;
    longest.in_the_log = std::max(longest.in_the_log, seen.received_at - it.taken_at);
    longest.in_all = std::max(longest.in_all, seen.received_at - it.at);
  }
  return longest;
}

/// Fails each time, in one of three ways.
kafka::Record poisoned_one(const std::string& topic, int number) {
  constexpr std::array kRecipients{"010-6666-0503", "010-6666-0400", "010-6666-0000"};
  return support::clear_request(topic, "poison-" + std::to_string(number),
                                kRecipients.at(static_cast<std::size_t>(number) % kRecipients.size()),
                                "poison");
}

}  // namespace

Report poison(const Poison& sizes) {
  Report report{"poison"};
  Scene scene{{.connections = 50, .delay_ms = 20}};
  const auto topic = scene.stack.topic("kakao.request");
  scene.stack.simulator().put_faults(R"([{"channel":"kakao","recipient":"010-6666-0503","status":503},
      {"channel":"kakao","recipient":"010-6666-0400","status":400},
      {"channel":"kakao","recipient":"010-6666-0000","drop":true}])");
  scene.stack.environment["MESSAGE_RETRY_BACKOFF_DELAY"] = std::to_string(sizes.backoff.count());
  scene.stack.start("kakao");
  scene.until("it owns its partitions", [&] { return scene.owners() == 1; });
  support::Upstream upstream{scene.stack.kafka};
  warm_up(upstream, topic);
  scene.until("the first is sent", [&] { return scene.taken() == 1; });
  const auto ends = now_ms() + std::chrono::milliseconds{sizes.length}.count();
  std::vector<Offered> neighbours;
  std::int64_t longest_send = 0;
  int poisoned = 0;
  int undecodable = 0;
  auto next = now_ms();
  // Neighbours come for as long as a poisoned one is left: alone, those would look like a provider that is
  // down.
  const auto one_step = [&] {
    std::vector<kafka::Record> records;
    // Two a second, each called up to nine times, among a hundred others: the provider is not down.
    if (now_ms() < ends && neighbours.size() % 50 == 0) {
      records.push_back(poisoned_one(topic, poisoned));
      if (++poisoned % 4 == 0) {
        records.back().value = "no JSON";
        ++undecodable;
      }
    }
    const auto first = neighbours.size();
    for (int i = 0; i < 5; ++i) {
      const auto number = std::to_string(neighbours.size());
      records.push_back(support::clear_request(topic, "timed-" + number, "010-2222-2222", number));
      neighbours.push_back({.at = now_ms()});
    }
    for (auto& record : records) record.partition = 0;
    upstream.send(std::move(records));
    const auto taken_at = now_ms();
    for (auto i = first; i < neighbours.size(); ++i) neighbours[i].taken_at = taken_at;
    longest_send = std::max(longest_send, taken_at - neighbours[first].at);
  };
  scene.until(
      "all that is poisoned is dead",
      [&] {
        if (now_ms() < next) return false;
        next += 50;
        one_step();
        return now_ms() >= ends && neighbours.size() % 50 == 0 && scene.dead() >= poisoned - undecodable;
      },
      sizes.length + 180s);

  kafka::Record large = support::clear_request(topic, "large", "010-1234-5678", "");
  large.value = std::string(1024UL * 1024, '\xFF');
  upstream.send({large});
  const auto letters =
      scene.stack.kafka.read(scene.stack.topic("kakao.dlq"), static_cast<std::size_t>(poisoned) + 1, 120s);
  const bool large_is_there =
      std::ranges::any_of(letters, [&](const auto& letter) { return letter.value == large.value; });
  const auto took = waited(scene, neighbours);
  report.tell("neighbours", std::ssize(neighbours));
  report.tell("poisoned", poisoned);
  report.tell("dead_letters", std::ssize(letters));
  report.tell("neighbours_lost", std::ssize(neighbours) - took.delivered);
  report.tell("longest_delay_ms", took.in_the_log);
  report.tell("longest_delay_with_send_ms", took.in_all);
  report.tell("longest_send_ms", longest_send);
  report.tell("letter_of_1_mib", large_is_there);
  report.expect(took.delivered == std::ssize(neighbours), "a neighbour was lost or sent twice");
  report.expect(took.in_the_log <= sizes.longest_delay.count(), "a neighbour was held up for too long");
  report.expect(std::ssize(letters) == poisoned + 1, "not every poisoned record died once");
  report.expect(large_is_there, "the letter of 1 MiB is missing or changed");
  return report;
}

Report lanes(const Lanes& sizes) {
  Report report{"lanes"};
  Scene scene{{.connections = sizes.connections, .delay_ms = sizes.latency_ms}};
  scene.feed(sizes.bulk, "bulk");
  scene.stack.start("kakao");
  scene.progress(sizes.connections * 20L);
  support::Upstream upstream{scene.stack.kafka};
  const auto topic = scene.stack.topic("kakao.request");
  warm_up(upstream, topic);
  int sent = 0;
  auto next = now_ms();
  scene.until("all transactional ones are in Kafka", [&] {
    if (now_ms() < next) return false;
    next = now_ms() + 100;
    upstream.send({timed(topic, sent++)});
    return sent == sizes.transactional;
  });
  std::vector<std::int64_t> took;
  scene.until("they are sent", [&] {
    took = delays(scene, static_cast<std::size_t>(sent) * 2);
    return std::ssize(took) >= sent;
  });
  const auto stats = scene.stack.simulator().stats("kakao");
  const auto p99 = took.at(took.size() * 99 / 100);
  const auto most = 2 * sizes.latency_ms + 100;
  report.tell("bulk", sizes.bulk);
  report.tell("bulk_sent_meanwhile", stats.unique - sent - 1);
  report.tell("transactional", sent);
  report.tell("most_at_once", stats.max_in_flight);
  report.tell("p50_ms", took.at(took.size() / 2));
  report.tell("p99_ms", p99);
  report.tell("longest_ms", took.back());
  report.tell("limit_ms", most);
  report.expect(p99 <= most, "the 99th percentile is above the limit");
  report.expect(stats.max_in_flight >= sizes.connections, "the provider was not saturated");
  report.expect(stats.unique - sent - 1 < sizes.bulk, "bulk had ended: it was no load");
  return report;
}

Report memory(const Memory& sizes) {
  Report report{"memory"};
  Scene scene{{.connections = 1'000, .delay_ms = 0}};
  scene.stack.simulator().put_faults(R"([{"channel":"kakao","status":503}])");
  scene.feed(sizes.requests);
  scene.stack.start("kakao");
  const auto ends = now_ms() + std::chrono::milliseconds{sizes.dead}.count();
  double most = 0;
  scene.until(
      "the provider was dead long enough",
      [&] {
        most = std::max(most, scene.metric("process_resident_memory_bytes"));
        return now_ms() >= ends;
      },
      sizes.dead + 60s);
  const double mib = most / (1024 * 1024);
  const auto died = scene.ended();
  report.tell("requests", sizes.requests);
  report.tell("dead_seconds", sizes.dead.count());
  report.tell("most_resident_mib", mib);
  report.tell("died", died);
  report.expect(mib > 0 && mib <= sizes.most_mib, "it took more memory than it may");
  return report;
}

}  // namespace bongsu::scenarios
