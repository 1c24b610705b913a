#include "support/kafka/kafka_world.hpp"
#include "support/run.hpp"

#include <bongsu/kafka/consumer.hpp>

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

using namespace std::chrono_literals;
using support::KafkaWorld;
using support::run;

class ConsumerTest : public testing::Test {
 protected:
  Consumer open(ConsumerSettings settings) {
    settings.session_timeout = 30s;  // a machine that stands still for a while has not left the group
    return std::move(Consumer::open(io.get_executor(), settings).value());
  }

  /// Joins and takes everything.
  asio::awaitable<std::vector<PartitionStart>> join(Consumer& consumer, std::string topic) {
    EXPECT_TRUE(consumer.subscribe({std::move(topic)}));
    const auto event = co_await consumer.next_event();
    auto starts = co_await consumer.assign(std::get<Assigned>(event).partitions);
    EXPECT_TRUE(starts) << starts.error().message;
    co_return std::move(*starts);
  }

  asio::awaitable<std::vector<Message>> read(Consumer& consumer, TopicPartition partition, std::size_t count,
                                             std::size_t at_a_time) {
    std::vector<Message> messages;
    while (messages.size() < count) {
      co_await consumer.readable(partition);
      for (auto& message : consumer.poll(partition, std::min(at_a_time, count - messages.size())))
        messages.push_back(std::move(message));
    }
    co_return messages;
  }

  static asio::awaitable<bool> close(Consumer& consumer) {
    co_await consumer.close();
    co_return true;
  }

  KafkaWorld kafka;
  asio::io_context io;
};

TEST_F(ConsumerTest, GoesOnWhereTheGroupHasCommitted) {
  const auto topic = kafka.create_topic("lane");
  std::vector<Record> records(10, Record{.topic = topic, .value = "v"});
  kafka.produce(records);
  const TopicPartition partition{topic, 0};
  {
    auto consumer = open(kafka.consumer("g"));
    const auto starts = run(io, join(consumer, topic));
    ASSERT_EQ(starts.size(), 1U);
    EXPECT_EQ(starts.front().partition, partition);
    EXPECT_EQ(starts.front().committed, std::nullopt);
    EXPECT_EQ(run(io, read(consumer, partition, 6, 4)).back().offset, 5);
    EXPECT_TRUE(run(io, consumer.commit({{topic, 0, 4}})));
    EXPECT_EQ(run(io, consumer.committed(partition)).value(), 4);
    run(io, close(consumer));
  }
  auto consumer = open(kafka.consumer("g"));
  EXPECT_EQ(run(io, join(consumer, topic)).front().committed, 4);
  EXPECT_EQ(run(io, read(consumer, partition, 1, 1)).front().offset, 4);
  run(io, close(consumer));
}

TEST_F(ConsumerTest, NothingIsCommittedByItself) {
  const auto topic = kafka.create_topic("lane");
  kafka.produce({{.topic = topic, .value = "v"}});
  auto consumer = open(kafka.consumer("g"));
  run(io, join(consumer, topic));
  run(io, read(consumer, {topic, 0}, 1, 1));
  EXPECT_TRUE(consumer.unassign());
  run(io, close(consumer));
  auto again = open(kafka.consumer("g"));
  EXPECT_EQ(run(io, join(again, topic)).front().committed, std::nullopt);
  run(io, close(again));
}

TEST_F(ConsumerTest, ALaneThatIsNotReadStopsNoOtherAndLosesNothing) {
  const auto topic = kafka.create_topic("lane", 2);
  std::vector<Record> records;
  for (int i = 0; i < 20'000; ++i)
    for (int p = 0; p < 2; ++p)
      records.push_back({.topic = topic, .partition = p, .value = std::string(200, 'x')});
  kafka.produce(std::move(records));
  auto settings = kafka.consumer("g");
  settings.prefetch_records = 500;
  settings.prefetch_bytes = 256UL << 10U;
  settings.fetch_bytes = 64UL << 10U;
  auto consumer = open(settings);
  run(io, join(consumer, topic));
  run(io, read(consumer, {topic, 1}, 20'000, 1'000), 60s);
  const auto late = run(io, read(consumer, {topic, 0}, 20'000, 333), 60s);
  for (std::size_t i = 0; i < late.size(); ++i) ASSERT_EQ(late[i].offset, static_cast<std::int64_t>(i));
  run(io, close(consumer));
}

TEST_F(ConsumerTest, ARecordWakesWhoWaitsForIt) {
  const auto topic = kafka.create_topic("lane");
  auto consumer = open(kafka.consumer("g"));
  run(io, join(consumer, topic));
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(consumer.poll({topic, 0}, 10).empty());
    kafka.produce({{.topic = topic, .value = std::to_string(i)}});
    EXPECT_EQ(run(io, read(consumer, {topic, 0}, 1, 10)).front().value, std::to_string(i));
  }
  run(io, close(consumer));
}

TEST_F(ConsumerTest, UnassigningWakesWhoWaitsAndThereIsNothingToRead) {
  const auto topic = kafka.create_topic("lane");
  auto consumer = open(kafka.consumer("g"));
  run(io, join(consumer, topic));
  const TopicPartition partition{topic, 0};
  EXPECT_TRUE(consumer.poll(partition, 1).empty());
  bool woken = false;
  spawn(io.get_executor(), "waiter", [](Consumer& c, TopicPartition p, bool& w) -> asio::awaitable<void> {
    co_await c.readable(p);
    w = true;
  }(consumer, partition, woken));
  asio::post(io, [&] { EXPECT_TRUE(consumer.unassign()); });
  run(io, [](bool& w) -> asio::awaitable<bool> {
    while (!w) co_await asio::post(asio::use_awaitable);
    co_return true;
  }(woken));
  EXPECT_FALSE(consumer.owns(partition));
  EXPECT_TRUE(consumer.poll(partition, 1).empty());
  run(io, close(consumer));
}

TEST_F(ConsumerTest, OneThatIsClosedSaysSo) {
  const auto topic = kafka.create_topic("lane");
  auto consumer = open(kafka.consumer("g"));
  run(io, join(consumer, topic));
  run(io, close(consumer));
  EXPECT_TRUE(std::holds_alternative<Closed>(run(io, consumer.next_event())));
  EXPECT_EQ(run(io, consumer.commit({{topic, 0, 1}})).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(run(io, consumer.committed({topic, 0})).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(consumer.subscribe({topic}).error().code, ErrorCode::kCancelled);
}

TEST_F(ConsumerTest, ATopicThatComesLaterIsPickedUp) {
  auto consumer = open(kafka.consumer("g"));
  const auto topic = kafka.prefix() + "later";
  ASSERT_TRUE(consumer.subscribe({topic}));
  kafka.create_topic("later", 2);
  std::size_t given = 0;
  run(io, [](Consumer& c, std::size_t& g) -> asio::awaitable<bool> {
    while (g == 0) {
      const auto event = co_await c.next_event();
      if (const auto* assigned = std::get_if<Assigned>(&event)) g = assigned->partitions.size();
      // Who joins before the topic is there is given nothing, and has to say so before there is more.
      if (g == 0) EXPECT_TRUE(c.unassign());
    }
    co_return true;
  }(consumer, given));
  EXPECT_EQ(given, 2U);
  run(io, close(consumer));
}

TEST_F(ConsumerTest, CommittingForPartitionsOfAnotherMemberIsAConflict) {
  const auto topic = kafka.create_topic("lane");
  auto member = open(kafka.consumer("g"));
  run(io, join(member, topic));
  auto stranger = open(kafka.consumer("g"));  // not joined: no generation
  const auto refused = run(io, stranger.commit({{topic, 0, 1}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict) << refused.error().message;
  run(io, close(member));
}

}  // namespace
}  // namespace bongsu::kafka
