#include "support/kafka/kafka_world.hpp"
#include "support/run.hpp"

#include <bongsu/kafka/record_reader.hpp>

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

using namespace std::chrono_literals;
using support::KafkaWorld;
using support::run;

class RecordReaderTest : public testing::Test {
 protected:
  RecordReader open() { return std::move(RecordReader::open(io.get_executor(), kafka.cluster()).value()); }
  std::vector<std::string> read(RecordReader& reader, const std::vector<Position>& places) {
    const auto records = run(io, reader.read(places, 25s), 30s);
    std::vector<std::string> values;
    if (!records) return {records.error().message};
    values.reserve(records->size());
    for (const auto& record : *records)
      values.push_back(record ? record->value.value_or("(null)") : "(none)");
    return values;
  }
  /// Offset n holds n.
  std::string numbered(std::string_view name, int count, int partitions = 1) {
    const auto topic = kafka.create_topic(name, partitions);
    std::vector<Record> records;
    for (int i = 0; i < count; ++i) {
      for (int partition = 0; partition < partitions; ++partition) {
        records.push_back({.topic = topic,
                           .partition = partition,
                           .key = "k",
                           .value = std::to_string(partition) + "/" + std::to_string(i),
                           .headers = {{"h", "v"}}});
      }
    }
    kafka.produce(std::move(records));
    return topic;
  }

  KafkaWorld kafka;
  asio::io_context io;
};

TEST_F(RecordReaderTest, GivesTheRecordsInTheOrderTheyWereAskedFor) {
  const auto topic = numbered("places", 5'000, 2);
  auto reader = open();
  EXPECT_EQ(read(reader, {{topic, 0, 4'000}, {topic, 1, 3}, {topic, 0, 0}, {topic, 0, 4'001}, {topic, 1, 3}}),
            (std::vector<std::string>{"0/4000", "1/3", "0/0", "0/4001", "1/3"}));
  // And again, backwards.
  EXPECT_EQ(read(reader, {{topic, 1, 4'999}, {topic, 1, 0}}), (std::vector<std::string>{"1/4999", "1/0"}));
  EXPECT_TRUE(read(reader, {}).empty());
}

TEST_F(RecordReaderTest, KeyHeadersAndBytesAreThoseOfTheRecord) {
  const auto topic = kafka.create_topic("bytes");
  const std::string large(1UL << 20U, '\0');
  kafka.produce({{.topic = topic, .key = "seven", .value = large, .headers = {{"a", "1"}, {"a", "2"}}}});
  auto reader = open();
  const auto records = run(io, reader.read({{topic, 0, 0}}, 25s), 30s);
  ASSERT_TRUE(records.has_value());
  ASSERT_TRUE(records->front().has_value());
  EXPECT_EQ(records->front()->key, "seven");
  EXPECT_EQ(records->front()->value, large);
  EXPECT_EQ(records->front()->headers.size(), 2U);
  EXPECT_EQ(records->front()->topic, topic);
}

TEST_F(RecordReaderTest, WhatIsNotThereIsNothing) {
  const auto topic = numbered("short", 10);
  auto reader = open();
  EXPECT_EQ(read(reader, {{topic, 0, 9}, {topic, 0, 10}, {topic, 0, 5'000}, {topic, 0, -1}}),
            (std::vector<std::string>{"0/9", "(none)", "(none)", "(none)"}));
  EXPECT_EQ(read(reader, {{topic, 0, 3}}), (std::vector<std::string>{"0/3"}));
}

TEST_F(RecordReaderTest, AThousandScatteredPlacesAreReadWhole) {
  const auto topic = numbered("scattered", 20'000);
  std::vector<Position> places;
  std::vector<std::string> expected;
  for (int i = 0; i < 1'000; ++i) {
    const int offset = (i * 7'919) % 20'000;
    places.push_back({topic, 0, offset});
    expected.push_back("0/" + std::to_string(offset));
  }
  auto reader = open();
  EXPECT_EQ(read(reader, places), expected);
}

TEST_F(RecordReaderTest, ABrokerThatIsAwayIsATimeout) {
  auto reader = std::move(RecordReader::open(io.get_executor(), {.brokers = "127.0.0.1:1"}).value());
  const auto records = run(io, reader.read({{"topic", 0, 0}}, 300ms), 30s);
  ASSERT_FALSE(records.has_value());
  EXPECT_EQ(records.error().code, ErrorCode::kTimeout);
}

TEST_F(RecordReaderTest, ClosingEndsWhatIsUnderWay) {
  auto reader = std::move(RecordReader::open(io.get_executor(), {.brokers = "127.0.0.1:1"}).value());
  asio::post(io, [&reader] { reader.close(); });
  const auto records = run(io, reader.read({{"topic", 0, 0}}), 30s);
  ASSERT_FALSE(records.has_value());
  EXPECT_EQ(records.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace bongsu::kafka
