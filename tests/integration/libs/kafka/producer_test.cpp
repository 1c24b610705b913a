#include "support/kafka/kafka_world.hpp"
#include "support/run.hpp"

#include <bongsu/kafka/producer.hpp>

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

using namespace std::chrono_literals;
using support::KafkaWorld;
using support::run;

class ProducerTest : public testing::Test {
 protected:
  Producer open(const ProducerSettings& settings) {
    return std::move(Producer::open(io.get_executor(), settings).value());
  }

  KafkaWorld kafka;
  asio::io_context io;
};

TEST_F(ProducerTest, RefusesSettingsThatWeakenIt) {
  auto settings = kafka.producer();
  settings.cluster.security = {{"enable.idempotence", "false"}};
  const auto refused = Producer::open(io.get_executor(), settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().detail, "enable.idempotence");
}

TEST_F(ProducerTest, ReportsWhereEachRecordLies) {
  const auto topic = kafka.create_topic("many", 3);
  auto producer = open(kafka.producer());
  std::vector<Record> records;
  for (int i = 0; i < 30'000; ++i)
    records.push_back({.topic = topic, .partition = i % 3, .key = "k", .value = std::to_string(i)});
  const auto reports = run(io, producer.send_all(std::move(records)));
  ASSERT_EQ(reports.size(), 30'000U);
  for (int i = 0; i < 30'000; ++i) {
    ASSERT_TRUE(reports[static_cast<std::size_t>(i)]) << reports[static_cast<std::size_t>(i)].error().message;
    EXPECT_EQ(*reports[static_cast<std::size_t>(i)], (Position{topic, i % 3, i / 3}));
  }
  EXPECT_EQ(producer.in_flight_records(), 0U);
  EXPECT_EQ(producer.in_flight_bytes(), 0U);
}

TEST_F(ProducerTest, KeepsTheRecordOfTheCallerWhenItIsFull) {
  const auto topic = kafka.create_topic("full");
  auto settings = kafka.producer();
  settings.max_in_flight_records = 2;
  auto producer = open(settings);
  int reported = 0;
  const auto produce = [&](Record& record) {
    return producer.produce(std::move(record),
                            [&](const Result<Position>& report) { reported += report ? 1 : 0; });
  };
  Record first{.topic = topic, .key = "a", .value = "1"};
  Record second{.topic = topic, .key = "a", .value = "2"};
  Record third{.topic = topic, .key = "a", .value = "a value that has no room yet", .headers = {{"h", "v"}}};
  ASSERT_TRUE(produce(first));
  ASSERT_TRUE(produce(second));
  const auto refused = produce(third);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kExhausted);
  EXPECT_EQ(third.value, "a value that has no room yet");
  EXPECT_EQ(third.headers.size(), 1U);
  run(io, [](Producer& p) -> asio::awaitable<bool> {
    co_await p.room();
    co_return true;
  }(producer));
  ASSERT_TRUE(produce(third));
  EXPECT_TRUE(run(io, producer.flush(20s)));
  EXPECT_EQ(reported, 3);
}

TEST_F(ProducerTest, ARecordThatIsTooLargeIsItsOwnFault) {
  const auto topic = kafka.create_topic("small", 1, {{"max.message.bytes", "2000"}});
  auto settings = kafka.producer();
  settings.compression = Compression::kNone;
  auto producer = open(settings);
  const auto by_broker = run(io, producer.send({.topic = topic, .value = std::string(5'000, 'x')}));
  ASSERT_FALSE(by_broker);
  EXPECT_EQ(by_broker.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(by_broker.error().detail, "MSG_SIZE_TOO_LARGE");
  EXPECT_EQ(by_broker.error().sent, Sent::kNo);
  const auto by_client = run(io, producer.send({.topic = topic, .value = std::string(5UL << 20U, 'x')}));
  ASSERT_FALSE(by_client);
  EXPECT_EQ(by_client.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(run(io, producer.send({.topic = topic, .value = "fits"})));
}

TEST_F(ProducerTest, AnImpossibleTopicNameIsTheRecordsFault) {
  auto producer = open(kafka.producer());
  const auto refused = run(io, producer.send({.topic = "no spaces allowed", .value = "x"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << refused.error().message;
}

TEST_F(ProducerTest, ATopicThatIsMissingIsNot) {
  auto settings = kafka.producer();
  settings.delivery_timeout = 500ms;
  auto producer = open(settings);
  const auto refused = run(io, producer.send({.topic = kafka.prefix() + "missing", .value = "x"}), 60s);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().code == ErrorCode::kUnavailable || refused.error().code == ErrorCode::kTimeout)
      << refused.error().message;
}

TEST_F(ProducerTest, PurgeReportsWhatIsOpenAsCancelled) {
  auto settings = kafka.producer();
  settings.linger = 1min;
  auto producer = open(settings);
  const auto topic = kafka.create_topic("purged");
  std::vector<Result<Position>> reports;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(producer.produce({.topic = topic, .value = "x"},
                                 [&](Result<Position> report) { reports.push_back(std::move(report)); }));
  }
  producer.purge();
  EXPECT_TRUE(run(io, producer.flush(20s)));
  ASSERT_EQ(reports.size(), 3U);
  for (const auto& report : reports) {
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(report.error().sent, Sent::kNo);
  }
}

TEST_F(ProducerTest, ItsEndReportsWhatIsOpen) {
  std::vector<Result<Position>> reports;
  auto settings = kafka.producer();
  settings.linger = 1min;
  {
    auto producer = open(settings);
    ASSERT_TRUE(producer.produce({.topic = kafka.create_topic("left"), .value = "x"},
                                 [&](Result<Position> report) { reports.push_back(std::move(report)); }));
  }
  ASSERT_EQ(reports.size(), 1U);
  ASSERT_FALSE(reports.front());
  EXPECT_EQ(reports.front().error().code, ErrorCode::kCancelled);
  EXPECT_EQ(reports.front().error().sent, Sent::kMaybe);
}

TEST_F(ProducerTest, AFatalOneSaysSoAndANewOneGoesOn) {
  const auto topic = kafka.create_topic("fatal");
  auto producer = open(kafka.producer());
  ASSERT_TRUE(run(io, producer.send({.topic = topic, .value = "before"})));
  producer.break_fatally();
  const auto report = run(io, producer.send({.topic = topic, .value = "during"}));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kConflict);
  EXPECT_EQ(report.error().detail, "fatal");
  EXPECT_TRUE(producer.fatal());
  producer = open(kafka.producer());
  EXPECT_FALSE(producer.fatal());
  EXPECT_TRUE(run(io, producer.send({.topic = topic, .value = "after"})));
}

}  // namespace
}  // namespace bongsu::kafka
