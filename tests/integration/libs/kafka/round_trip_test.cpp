#include "support/kafka/kafka_world.hpp"

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

using support::KafkaWorld;

TEST(RoundTrip, ARecordComesBackAsItWasWritten) {
  KafkaWorld kafka;
  const auto topic = kafka.create_topic("orders");
  const Timestamp time{std::chrono::milliseconds{1'795'000'000'123}};
  const std::string binary{"\0\xff\x01", 3};
  kafka.produce({{.topic = topic,
                  .key = "회원-7",
                  .value = binary,
                  .headers = {{"ce_id", "1"}, {"raw", binary}, {"ce_id", "2"}, {"empty", ""}},
                  .timestamp = time}});
  const auto message = kafka.read(topic, 1).front();
  EXPECT_EQ(message.topic, topic);
  EXPECT_EQ(message.partition, 0);
  EXPECT_EQ(message.offset, 0);
  EXPECT_EQ(message.key, "회원-7");
  EXPECT_EQ(message.value, binary);
  EXPECT_EQ(message.headers, (Headers{{"ce_id", "1"}, {"raw", binary}, {"ce_id", "2"}, {"empty", ""}}));
  EXPECT_EQ(message.timestamp, time);
}

TEST(RoundTrip, ATombstoneIsNotAnEmptyValue) {
  KafkaWorld kafka;
  const auto topic = kafka.create_topic("control");
  kafka.produce({{.topic = topic, .key = "job", .null_value = true}, {.topic = topic, .key = "job"}});
  const auto messages = kafka.read(topic, 2);
  EXPECT_EQ(messages.at(0).value, std::nullopt);
  EXPECT_EQ(messages.at(1).value, "");
}

TEST(RoundTrip, ARecordOf2MiBPassesSmallFetchesAmongSmallOnes) {
  KafkaWorld kafka;
  const auto topic = kafka.create_topic("letters", 1, {{"max.message.bytes", "3145728"}});
  std::string large(2UL << 20U, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761U >> 24U);
  kafka.produce({{.topic = topic, .value = "before"},
                 {.topic = topic, .value = large},
                 {.topic = topic, .value = "after"}});
  const auto messages = kafka.read(topic, 3);
  EXPECT_EQ(messages.at(0).value, "before");
  EXPECT_TRUE(messages.at(1).value == large);
  EXPECT_EQ(messages.at(2).value, "after");
}

/// The hashes are those of Kafka's own UtilsTest for murmur2.
TEST(RoundTrip, AKeyHasThePartitionThatJavaGivesIt) {
  constexpr int kPartitions = 12;
  const std::vector<std::pair<std::string, std::int32_t>> known{
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107}};
  KafkaWorld kafka;
  const auto topic = kafka.create_topic("keyed", kPartitions);
  std::vector<Record> records;
  for (const auto& [key, hash] : known) records.push_back({.topic = topic, .key = key, .value = "v"});
  kafka.produce(std::move(records));
  std::map<std::string, int> found;
  for (const auto& message : kafka.read(topic, known.size())) found[message.key] = message.partition;
  for (const auto& [key, hash] : known) EXPECT_EQ(found.at(key), (hash & 0x7fffffff) % kPartitions) << key;
}

TEST(RoundTrip, APartitionThatIsNamedIsTaken) {
  KafkaWorld kafka;
  const auto topic = kafka.create_topic("lane", 4);
  kafka.produce({{.topic = topic, .partition = 3, .key = "21", .value = "v"}});
  EXPECT_EQ(kafka.read(topic, 1).front().partition, 3);
}

}  // namespace
}  // namespace bongsu::kafka
