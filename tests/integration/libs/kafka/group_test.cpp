#include "member.hpp"
#include "support/kafka/kafka_world.hpp"
#include "support/run.hpp"

#include <bongsu/kafka/producer.hpp>

#include <numeric>

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

using namespace std::chrono_literals;
using support::KafkaWorld;
using support::run;

class GroupTest : public testing::Test {
 protected:
  static constexpr int kPartitions = 4;

  /// Produces `count` small records to each partition, numbered on.
  asio::awaitable<bool> produce(std::int64_t count) {
    std::vector<Record> records;
    for (std::int64_t i = 0; i < count; ++i)
      for (int p = 0; p < kPartitions; ++p)
        records.push_back({.topic = topic, .partition = p, .value = "payload"});
    produced += count;
    return kafka.produce_soon(std::move(records));
  }

  /// Of a member that stays, also when the machine stands still for a while.
  ConsumerSettings patient() const {
    auto settings = kafka.consumer("g");
    settings.session_timeout = 30s;
    return settings;
  }

  template <class Condition>
  void wait_until(Condition condition) {
    const auto turn = [](Condition& holds) -> asio::awaitable<bool> {
      while (!holds()) co_await sleep_for(1ms);
      co_return true;
    };
    EXPECT_TRUE(run(io, turn(condition), 60s));
  }

  std::size_t seen_in_all() const {
    return std::accumulate(seen.begin(), seen.end(), std::size_t{0},
                           [](std::size_t sum, const auto& each) { return sum + each.second.size(); });
  }

  bool all_seen() const { return seen_in_all() >= static_cast<std::size_t>(produced) * kPartitions; }

  void expect_exact_continuation() const {
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(kPartitions));
    std::vector<std::int64_t> expected(static_cast<std::size_t>(produced));
    std::iota(expected.begin(), expected.end(), 0);
    for (const auto& [partition, offsets] : seen) EXPECT_EQ(offsets, expected) << partition.partition;
  }

  KafkaWorld kafka;
  asio::io_context io;
  std::string topic = kafka.create_topic("lane", kPartitions);
  Member::Seen seen;
  std::int64_t produced = 0;
};

TEST_F(GroupTest, MembersComeAndGoAndEveryRecordIsReadOnceAndInOrder) {
  run(io, produce(5'000));
  Member first{io.get_executor(), patient(), topic, seen};
  wait_until([&] { return seen_in_all() > 1'000; });

  Member second{io.get_executor(), patient(), topic, seen};
  run(io, produce(5'000));
  wait_until([&] { return first.partitions() == 2 && second.partitions() == 2; });

  run(io, produce(5'000));
  run(io, first.leave());
  run(io, produce(2'000));
  wait_until([&] { return second.partitions() == 4 && all_seen(); });
  run(io, second.leave());
  expect_exact_continuation();
}

TEST_F(GroupTest, AMemberThatGoesWithoutAWordIsReplacedWhenItsSessionIsOver) {
  run(io, produce(100));
  {
    auto gone = Consumer::open(io.get_executor(), kafka.consumer("g")).value();
    ASSERT_TRUE(gone.subscribe({topic}));
    const auto event = run(io, gone.next_event());
    ASSERT_TRUE(run(io, gone.assign(std::get<Assigned>(event).partitions)));
  }
  Member heir{io.get_executor(), patient(), topic, seen};
  wait_until([&] { return all_seen(); });
  run(io, heir.leave());
  expect_exact_continuation();
}

}  // namespace
}  // namespace bongsu::kafka
