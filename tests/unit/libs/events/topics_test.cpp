#include <bongsu/events/topics.hpp>

#include <set>

#include <gmock/gmock.h>

namespace bongsu::events {
namespace {

TEST(Topics, AreNamedAsTheContractSays) {
  const Topics topics;
  EXPECT_EQ(topics.signed_up(), "bongsu.user.signed-up");
  EXPECT_EQ(topics.request(Channel::kEmail), "bongsu.email.request");
  EXPECT_EQ(topics.bulk(Channel::kCoupon), "bongsu.coupon.bulk");
  EXPECT_EQ(topics.replay(Channel::kKakao), "bongsu.kakao.replay");
  EXPECT_EQ(topics.retry(Channel::kSms, 0), "bongsu.sms.retry.1m");
  EXPECT_EQ(topics.retry(Channel::kSms, 1), "bongsu.sms.retry.5m");
  EXPECT_EQ(topics.dlq(Channel::kEmail), "bongsu.email.dlq");
  EXPECT_EQ(topics.dead_letter_event(), "bongsu.deadletters.event");
}

TEST(Topics, HaveOneSpecificationEach) {
  const Topics topics{"t1."};
  std::set<std::string> names;
  for (const auto& spec : topics.all({})) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_EQ(spec.partitions, 4);
  }
  EXPECT_EQ(names.size(), 4 * 6 + 8);
  EXPECT_TRUE(names.contains("t1.job.control"));
}

TEST(Topics, TakeTwiceARequestsSizeWhereAFollowUpGoes) {
  const Topics topics;
  std::map<std::string, TopicSpec> specs;
  for (const auto& spec : topics.all({})) specs[spec.name] = spec;
  const auto size_of = [&](const std::string& name) {
    return std::stoul(specs.at(name).config.at("max.message.bytes"));
  };
  for (const auto& name : {topics.dlq(Channel::kEmail), topics.retry(Channel::kEmail, 0),
                           topics.replay(Channel::kEmail), topics.events_dlq()}) {
    EXPECT_EQ(size_of(name), 2 * size_of(topics.request(Channel::kEmail))) << name;
  }
  EXPECT_GT(size_of(topics.signed_up()), 1024U * 1024U);
}

TEST(Topics, KeepDeadLettersWithoutLimitAndCompactControl) {
  const Topics topics;
  for (const auto& spec : topics.all({.replication = 3})) {
    if (spec.name == topics.dlq(Channel::kSms)) EXPECT_EQ(spec.config.at("retention.ms"), "-1");
    if (spec.name == topics.request(Channel::kSms)) EXPECT_EQ(spec.config.at("retention.ms"), "1209600000");
    EXPECT_EQ(spec.config.at("cleanup.policy"), spec.name == topics.job_control() ? "compact" : "delete");
    EXPECT_EQ(spec.config.at("min.insync.replicas"), "2");
  }
}

TEST(Topics, AreRecognizedByName) {
  const Topics topics;
  for (const auto channel : kChannels) {
    for (const auto topic : kChannelTopics) {
      EXPECT_EQ(topics.parse(topics.of(channel, topic)), (Topics::Parsed{channel, topic}));
    }
  }
  for (const auto* other : {"bongsu.user.signed-up", "email.request", "bongsu.email", "bongsu.email.",
                            "bongsu.emailxrequest", "bongsu.email.retry.2m"}) {
    EXPECT_EQ(topics.parse(other), std::nullopt) << other;
  }
}

TEST(Topics, OfUpstreamAreSignupsRequestsAndBulk) {
  const Topics topics;
  EXPECT_TRUE(topics.upstream_may_write("bongsu.user.signed-up"));
  EXPECT_TRUE(topics.upstream_may_write("bongsu.sms.request"));
  EXPECT_TRUE(topics.upstream_may_write("bongsu.sms.bulk"));
  EXPECT_FALSE(topics.upstream_may_write("bongsu.sms.replay"));
  EXPECT_FALSE(topics.upstream_may_write("bongsu.sms.dlq"));
  EXPECT_FALSE(topics.upstream_may_write("bongsu.delivery.result"));
}

TEST(Channel, IsReadInEitherFormAndNoOther) {
  EXPECT_EQ(parse_channel("kakao"), Channel::kKakao);
  EXPECT_EQ(parse_channel("SMS"), Channel::kSms);
  EXPECT_FALSE(parse_channel("Sms"));
  EXPECT_FALSE(parse_channel(""));
  for (const auto channel : kChannels) EXPECT_EQ(from_proto(to_proto(channel)), channel);
  EXPECT_FALSE(from_proto(v1::CHANNEL_UNSPECIFIED));
}

}  // namespace
}  // namespace bongsu::events
