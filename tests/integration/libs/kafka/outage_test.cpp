#include "member.hpp"
#include "support/kafka/kafka_world.hpp"
#include "support/run.hpp"

#include <bongsu/kafka/producer.hpp>

#include <set>

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

using namespace std::chrono_literals;
using support::KafkaWorld;
using support::run;

/// The broker dies while records are on their way and a member reads. Everything comes through by itself,
/// each once in the log. A member whose session ended meanwhile reads again from what it has committed.
TEST(Outage, ProducerAndConsumerGoOnByThemselves) {
  KafkaWorld kafka;
  asio::io_context io;
  const auto topic = kafka.create_topic("lane", 2);
  auto producer = Producer::open(io.get_executor(), kafka.producer()).value();
  Member::Seen seen;
  Member member{io.get_executor(), kafka.consumer("g"), topic, seen};

  constexpr int kRecords = 20'000;
  int delivered = 0;
  const auto produce_all = [](Producer& p, const std::string& to, int& done) -> asio::awaitable<bool> {
    for (int i = 0; i < kRecords; ++i) {
      const Record record{.topic = to, .partition = i % 2, .value = std::to_string(i)};
      while (!p.produce(Record{record}, [&done](const Result<Position>& report) {
        EXPECT_TRUE(report) << report.error().message;
        ++done;
      })) {
        co_await p.room();
      }
      if (i % 100 == 0) co_await sleep_for(1ms);  // so that the outage falls into the middle
    }
    co_return true;
  };
  bool produced = false;
  asio::co_spawn(io, produce_all(producer, topic, delivered),
                 [&](std::exception_ptr, bool) { produced = true; });

  const auto until = [&](auto condition) {
    return run(
        io,
        [](auto holds) -> asio::awaitable<bool> {
          while (!holds()) co_await sleep_for(1ms);
          co_return true;
        }(condition),
        90s);
  };
  until([&] { return delivered > 1'000; });
  kafka.kill_broker();
  // The loop turns on without a broker.
  const auto before = std::chrono::steady_clock::now();
  until([&] { return std::chrono::steady_clock::now() - before > 300ms; });
  kafka.start_broker();
  until([&] { return produced && delivered == kRecords; });
  const auto distinct = [&](int p) {
    const auto& offsets = seen[{topic, p}];
    return std::set<std::int64_t>(offsets.begin(), offsets.end());
  };
  until([&] { return distinct(0).size() >= kRecords / 2 && distinct(1).size() >= kRecords / 2; });
  run(io, member.leave(), 60s);
  for (int p = 0; p < 2; ++p) {
    EXPECT_EQ(distinct(p).size(), static_cast<std::size_t>(kRecords) / 2);
    EXPECT_EQ(*distinct(p).rbegin(), kRecords / 2 - 1);
  }
}

}  // namespace
}  // namespace bongsu::kafka
