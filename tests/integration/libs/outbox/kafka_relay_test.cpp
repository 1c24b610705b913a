#include "outbox_world.hpp"

#include <bongsu/outbox/kafka_publisher.hpp>

#include <gtest/gtest.h>
#include <support/kafka/kafka_world.hpp>

namespace bongsu::outbox {
namespace {

/// The relay between a real PostgreSQL and a real Kafka.
class KafkaRelay : public testing::Test {
 protected:
  KafkaRelay() { world_.publisher = kafka_publisher(world_.executor(), kafka_.producer()); }

  /// `count` events over ten keys, each key's values numbered.
  void insert(const std::string& topic, int count) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i, ++next_) {
      auto event = event_of(std::to_string(next_ % 10), std::to_string(next_ / 10));
      event.topic = topic;
      events.push_back(std::move(event));
    }
    world_.insert(events);
  }

  std::vector<kafka::Message> read(const std::string& topic, std::size_t count) {
    return support::run(world_.io, kafka_.read_soon(topic, count, 60s), 90s);
  }

  /// Rows that the cursor has not passed.
  std::int64_t waiting() {
    return world_
        .query(
            "SELECT count(*) FROM outbox WHERE (xid, sequence) > (SELECT xid, sequence FROM outbox_cursor)")
        ->get<std::int64_t>(0, 0);
  }

  /// Distinct (key, value) pairs in the topic; looks until there are `count`, the copies aside.
  std::set<std::pair<std::string, std::string>> arrived(const std::string& topic, std::size_t count) {
    std::set<std::pair<std::string, std::string>> seen;
    for (std::size_t records = count; seen.size() < count; ++records) {
      for (const auto& message : read(topic, records)) seen.emplace(message.key, message.value.value_or(""));
    }
    return seen;
  }

  support::KafkaWorld kafka_;
  OutboxWorld world_;
  int next_ = 0;
};

TEST_F(KafkaRelay, EveryRowArrivesOnceWithItsHeadersInTheOrderOfItsKey) {
  const auto topic = kafka_.create_topic("outbox", 4);
  insert(topic, 2000);
  auto& relay = world_.start_relay();
  insert(topic, 500);
  relay.wake();
  ASSERT_TRUE(world_.until([&] { return waiting() == 0; }));
  const auto messages = read(topic, 2500);
  EXPECT_EQ(messages.size(), 2500U);
  std::map<std::string, int> next;
  for (const auto& message : messages) {
    EXPECT_EQ(message.value, std::to_string(next[message.key]++));
    EXPECT_EQ(message.headers, (Headers{{"ce_type", "test"}}));
  }
}

TEST_F(KafkaRelay, RecordThatTheTopicRefusesGoesAsideAndItsBatchArrives) {
  const auto topic = kafka_.create_topic("small", 1, {{"max.message.bytes", "4000"}});
  insert(topic, 20);
  auto large = event_of("large", "");
  large.topic = topic;
  SeededRandom dice{1};
  large.value.resize(20'000);
  dice.fill({reinterpret_cast<unsigned char*>(large.value.data()), large.value.size()});
  world_.insert({large});
  insert(topic, 20);
  world_.start_relay();
  EXPECT_EQ(arrived(topic, 40).size(), 40U);
  ASSERT_TRUE(world_.until([&] { return world_.refused.size() == 1; }));
  EXPECT_EQ(world_.refused.front().event.id, large.id);
  EXPECT_EQ(world_.refused.front().event.value, large.value);
  EXPECT_EQ(world_.query("SELECT count(*) FROM failed_publication")->get<std::int64_t>(0, 0), 1);
}

TEST_F(KafkaRelay, LeadershipLostInTheMiddleNothingIsLost) {
  const auto topic = kafka_.create_topic("outbox", 4);
  for (int i = 0; i < 20; ++i) insert(topic, 1000);
  world_.start_relay();
  const auto passed = [&] {
    return world_
        .query(
            "SELECT count(*) FROM outbox WHERE (xid, sequence) <= (SELECT xid, sequence FROM outbox_cursor)")
        ->get<std::int64_t>(0, 0);
  };
  for (const std::int64_t after : {1000, 8000}) {
    ASSERT_TRUE(world_.until([&] { return passed() > after; }));
    ASSERT_TRUE(world_.administer(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%-relay' "
        "AND datname = current_database()"));
  }
  EXPECT_EQ(arrived(topic, 20'000).size(), 20'000U);
}

TEST_F(KafkaRelay, BrokerKilledAndBackEverythingArrives) {
  const auto topic = kafka_.create_topic("outbox", 4);
  insert(topic, 1000);
  world_.start_relay();
  ASSERT_TRUE(world_.until([&] { return world_.stored_cursor() > Position{}; }));
  insert(topic, 5000);
  kafka_.kill_broker();
  insert(topic, 1000);
  // What the broker had confirmed may still move the cursor; what nobody can have confirmed is not passed.
  EXPECT_FALSE(world_.until([&] { return waiting() < 1000; }, 1s));
  kafka_.start_broker();
  EXPECT_EQ(arrived(topic, 7000).size(), 7000U);
}

}  // namespace
}  // namespace bongsu::outbox
