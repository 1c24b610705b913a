#include "configuration.hpp"

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

TEST(KafkaConfiguration, TheDefaultsAreAccepted) {
  EXPECT_TRUE(configuration_of(ProducerSettings{}).create(RD_KAFKA_PRODUCER));
  ConsumerSettings consumer;
  consumer.group = "g";
  EXPECT_TRUE(configuration_of(consumer).create(RD_KAFKA_CONSUMER));
}

TEST(KafkaConfiguration, SecurityIsAllThatCanBePassedOn) {
  for (const char* name : {"enable.idempotence", "acks", "group.id", "ssl", "debug"}) {
    const auto refused = Configuration{{.security = {{name, "1"}}}}.create(RD_KAFKA_PRODUCER);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(refused.error().detail, name);
  }
  EXPECT_TRUE((Configuration{
      {.security = {{"security.protocol", "ssl"}, {"ssl.endpoint.identification.algorithm", "https"}}}}
                   .create(RD_KAFKA_PRODUCER)));
}

TEST(KafkaConfiguration, ARefusalNamesTheSettingAndNotItsValue) {
  ClusterSettings cluster;
  cluster.security = {{"sasl.mechanism", "PLAIN"}, {"ssl.no.such.setting", "hunter2"}};
  const auto refused = Configuration{cluster}.create(RD_KAFKA_PRODUCER);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "ssl.no.such.setting");
  EXPECT_EQ(refused.error().message.find("hunter2"), std::string::npos) << refused.error().message;
}

TEST(KafkaConfiguration, ARebalanceShorterThanTheSessionIsRefused) {
  ConsumerSettings settings;
  settings.group = "g";
  settings.rebalance_timeout = std::chrono::milliseconds{1'000};  // less than the session
  const auto refused = configuration_of(settings).create(RD_KAFKA_CONSUMER);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace bongsu::kafka
