#include "support/kafka/kafka_world.hpp"
#include "support/run.hpp"

#include <bongsu/kafka/admin.hpp>
#include <bongsu/kafka/topic_reader.hpp>

#include <set>

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

using namespace std::chrono_literals;
using support::KafkaWorld;
using support::run;

class TopicReaderTest : public testing::Test {
 protected:
  TopicReader open(const std::string& topic) {
    return std::move(TopicReader::open(io.get_executor(), kafka.cluster(), topic).value());
  }
  /// What it gives until it has given `count` and has caught up.
  static asio::awaitable<std::vector<std::string>> read(TopicReader& reader, std::size_t count) {
    std::vector<std::string> values;
    while (values.size() < count || !reader.caught_up()) {
      const auto messages = co_await reader.next();
      for (const auto& message : messages) values.push_back(message.value.value_or("(none)"));
    }
    co_return values;
  }
  static asio::awaitable<bool> close(TopicReader& reader) {
    co_await reader.close();
    co_return (co_await reader.next()).empty() && reader.closed();
  }
  static std::vector<Record> numbered(const std::string& topic, int from, int to) {
    std::vector<Record> records;
    for (int i = from; i < to; ++i)
      records.push_back({.topic = topic, .key = std::to_string(i), .value = std::to_string(i)});
    return records;
  }

  KafkaWorld kafka;
  asio::io_context io;
};

TEST_F(TopicReaderTest, GivesAllThatWasThereThenSaysSoAndGoesOn) {
  const auto topic = kafka.create_topic("whole", 4);
  kafka.produce(numbered(topic, 0, 1'000));
  auto reader = open(topic);
  EXPECT_FALSE(reader.caught_up());
  const auto values = run(io, read(reader, 1'000), 30s);
  EXPECT_EQ(std::set<std::string>(values.begin(), values.end()).size(), 1'000U);
  EXPECT_EQ(values.size(), 1'000U);
  kafka.produce(numbered(topic, 1'000, 1'010));
  EXPECT_EQ(run(io, read(reader, 10), 30s).size(), 10U);
  EXPECT_TRUE(run(io, close(reader)));
}

TEST_F(TopicReaderTest, AnEmptyTopicIsReadToItsEndAtOnce) {
  auto reader = open(kafka.create_topic("empty", 2));
  EXPECT_TRUE(run(io, read(reader, 0), 30s).empty());
  EXPECT_TRUE(run(io, close(reader)));
}

TEST_F(TopicReaderTest, ATopicThatComesLaterIsWaitedFor) {
  auto reader = open(kafka.prefix() + "later");
  const auto topic = kafka.create_topic("later", 2);
  kafka.produce(numbered(topic, 0, 10));
  EXPECT_EQ(run(io, read(reader, 10), 30s).size(), 10U);
  EXPECT_TRUE(run(io, close(reader)));
}

TEST_F(TopicReaderTest, ClosedBeforeTheBrokerWasEverReachedItEnds) {
  auto settings = kafka.cluster();
  settings.brokers = "127.0.0.1:1";
  auto reader = std::move(TopicReader::open(io.get_executor(), settings, "nowhere").value());
  EXPECT_TRUE(run(io, close(reader), 30s));
  EXPECT_FALSE(reader.caught_up());
}

}  // namespace
}  // namespace bongsu::kafka
