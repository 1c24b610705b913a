#include "support/kafka/kafka_world.hpp"
#include "support/run.hpp"

#include <bongsu/kafka/admin.hpp>

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

using namespace std::chrono_literals;
using support::KafkaWorld;
using support::run;

class AdminTest : public testing::Test {
 protected:
  KafkaWorld kafka;
  asio::io_context io;
  Admin admin = Admin::open(io.get_executor(), kafka.cluster()).value();
};

TEST_F(AdminTest, DescribesWhatItCreated) {
  const auto topic = kafka.create_topic("jobs", 3, {{"cleanup.policy", "compact"}, {"retention.ms", "1000"}});
  const auto found = run(io, admin.describe({topic, kafka.prefix() + "missing"}, 10s));
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1U);
  const auto& description = found->front();
  EXPECT_EQ(description.name, topic);
  EXPECT_EQ(description.partitions, 3);
  EXPECT_EQ(description.replication, 1);
  EXPECT_EQ(description.leaderless, 0);
  EXPECT_EQ(description.configs.at("cleanup.policy"), "compact");
  EXPECT_EQ(description.configs.at("retention.ms"), "1000");
  EXPECT_TRUE(description.configs.contains("max.message.bytes"));
}

TEST_F(AdminTest, AnswersForEachTopicByItself) {
  const auto there = kafka.create_topic("there");
  const auto fresh = kafka.prefix() + "fresh";
  const auto answers = run(io, admin.create({{.name = there, .configs = {}},
                                             {.name = fresh, .configs = {}},
                                             {.name = fresh + "2", .configs = {{"no.such.config", "1"}}}},
                                            10s));
  ASSERT_EQ(answers.size(), 3U);
  ASSERT_FALSE(answers[0]);
  EXPECT_EQ(answers[0].error().code, ErrorCode::kAlreadyExists);
  EXPECT_TRUE(answers[1]);
  ASSERT_FALSE(answers[2]);
  EXPECT_EQ(answers[2].error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(run(io, admin.remove({fresh}, 10s)).front());
}

TEST_F(AdminTest, RaisesTheNumberOfPartitions) {
  const auto topic = kafka.create_topic("growing", 1);
  ASSERT_TRUE(run(io, admin.add_partitions(topic, 4, 10s)));
  // The controller answers before the broker knows: a deadline lies in run().
  EXPECT_TRUE(run(io, [](Admin& a, std::string name) -> asio::awaitable<bool> {
    while ((co_await a.describe({name}, 10s))->front().partitions != 4) co_await sleep_for(5ms);
    co_return true;
  }(admin, topic)));
  EXPECT_FALSE(run(io, admin.add_partitions(topic, 2, 10s)));
}

TEST_F(AdminTest, SeesBrokersAndLeaders) {
  const auto topic = kafka.create_topic("led", 2);
  const auto state = run(io, admin.cluster(10s));
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_GE(state->brokers, 1);
  EXPECT_EQ(state->leaderless.at(topic), 0);
}

TEST_F(AdminTest, SaysWhenNobodyAnswers) {
  auto nowhere = kafka.cluster();
  nowhere.brokers = "127.0.0.1:1";
  auto lost = Admin::open(io.get_executor(), nowhere).value();
  const auto state = run(io, lost.cluster(300ms));
  ASSERT_FALSE(state);
  EXPECT_TRUE(state.error().code == ErrorCode::kUnavailable || state.error().code == ErrorCode::kTimeout);
  const auto created = run(io, lost.create({{.name = "x", .configs = {}}}, 300ms));
  ASSERT_FALSE(created.front());
  EXPECT_EQ(created.front().error().code, ErrorCode::kTimeout);
}

}  // namespace
}  // namespace bongsu::kafka
