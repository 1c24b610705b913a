// Replays from plan to outcome, against a real Kafka and PostgreSQL.
#include "replay_world.hpp"

#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using events::v1::DeliveryResult;
namespace header = events::header;

class ReplayTest : public testing::Test {
 protected:
  ReplayTest() { world_.start(); }

  v1::Replay done(const v1::Replay& replay) { return world_.until_state(replay, v1::Replay::COMPLETED); }
  v1::DeadLetter::State state_of(const ReplayWorld::Buried& one) { return world_.letter(one.letter).state(); }

  ReplayWorld world_;
};

TEST_F(ReplayTest, EveryLetterGoesToItsOneChannelOnceAndItsOutcomeIsFollowed) {
  const auto letters = world_.bury(30);
  const auto others = world_.bury(5, "provider_rejected");
  const auto plan = world_.plan(letters);
  EXPECT_EQ(plan.state(), v1::Replay::PLANNED);
  EXPECT_EQ(plan.total_count(), 30);
  ASSERT_EQ(plan.counts_size(), 1);
  EXPECT_EQ(plan.counts(0).reason(), "timeout");
  EXPECT_TRUE(world_.sent().empty());

  world_.answer = [&](const kafka::Message& record) -> std::optional<ReplayWorld::Outcome> {
    const bool dies = find(record.headers, header::kLetterId) == letters[7].letter;
    return dies ? DeliveryResult::DEAD : DeliveryResult::DELIVERED;
  };
  world_.execute(plan);
  const auto end = done(plan);
  EXPECT_EQ(end.delivered_count(), 29);
  EXPECT_EQ(end.dead_again_count(), 1);
  EXPECT_EQ(end.sent_count(), 30);
  EXPECT_EQ(end.executed_by(), "tester");
  const auto sent = world_.sent_letters();
  EXPECT_EQ(sent.size(), 30U);
  for (const auto& [letter, times] : sent) EXPECT_EQ(times, 1) << letter;
  EXPECT_EQ(state_of(letters[7]), v1::DeadLetter::DEAD_AGAIN);
  EXPECT_EQ(state_of(letters[8]), v1::DeadLetter::DELIVERED);
  EXPECT_EQ(state_of(others[0]), v1::DeadLetter::OPEN);
}

TEST_F(ReplayTest, WhatIsSentHasTheOriginalBytesAndKeyAndARaisedGeneration) {
  const auto letters = world_.bury(1, "timeout", 2);
  const auto before = world_.kafka.read_all(world_.kafka.prefix() + "email.dlq").front();
  const auto plan = world_.plan(letters);
  world_.execute(plan);
  done(plan);
  const auto sent = world_.sent().front();
  EXPECT_EQ(sent.value, before.value);
  EXPECT_EQ(sent.key, before.key);
  EXPECT_EQ(find(sent.headers, header::kGeneration), "3");
  EXPECT_EQ(find(sent.headers, header::kAttempt), "1");
  EXPECT_EQ("replays/" + std::string{find(sent.headers, header::kReplayId).value_or("")}, plan.name());
  EXPECT_EQ(find(sent.headers, header::kNotificationId), letters[0].notification);
  EXPECT_FALSE(find(sent.headers, header::kErrorTopic));
}

TEST_F(ReplayTest, OverlappingReplaysSendNobodyTwo) {
  const auto letters = world_.bury(200);
  std::vector<v1::Replay> plans;
  for (int i = 0; i < 4; ++i) plans.push_back(i % 2 == 0 ? world_.plan_all() : world_.plan(letters));
  for (const auto& plan : plans) {
    EXPECT_EQ(plan.total_count(), 200);
    world_.execute(plan, 1'000);
  }
  std::int64_t delivered = 0;
  std::int64_t skipped = 0;
  for (const auto& plan : plans) {
    const auto end = done(plan);
    delivered += end.delivered_count();
    skipped += end.skipped_count();
  }
  EXPECT_EQ(delivered, 200);
  EXPECT_EQ(skipped, 600);
  const auto sent = world_.sent_letters();
  EXPECT_EQ(sent.size(), 200U);
  for (const auto& [letter, times] : sent) EXPECT_EQ(times, 1) << letter;
}

TEST_F(ReplayTest, ExecutingTwiceSendsOnce) {
  const auto plan = world_.plan(world_.bury(10));
  world_.execute(plan);
  EXPECT_EQ(world_.execute(plan).name(), plan.name());
  done(plan);
  EXPECT_EQ(world_.execute(plan).state(), v1::Replay::COMPLETED);
  const auto otherwise = world_.ask<v1::Replay>(ReplayWorld::order(plan, 1));
  ASSERT_FALSE(otherwise);
  EXPECT_EQ(otherwise.error().reason, "not_planned");
  EXPECT_EQ(world_.sent().size(), 10U);
}

TEST_F(ReplayTest, CanariesThatAreNotDeliveredHaltItAndTheRestStaysOpen) {
  const auto letters = world_.bury(50);
  const auto plan = world_.plan(letters);
  world_.answer = [](const kafka::Message&) { return DeliveryResult::DEAD; };
  auto order = ReplayWorld::order(plan);
  order.mutable_canary()->set_count(5);
  order.mutable_canary()->set_min_success_ratio(0.8);
  ASSERT_TRUE(world_.ask<v1::Replay>(order));
  auto end = world_.until_state(plan, v1::Replay::HALTED);
  EXPECT_EQ(end.canaries(), v1::Replay::FAILED);
  EXPECT_EQ(end.returned_count(), 45);
  world_.until(plan, [](const v1::Replay& now) { return now.dead_again_count() == 5; });
  EXPECT_EQ(world_.sent().size(), 5U);
  // They can be planned again.
  EXPECT_EQ(world_.plan_all().total_count(), 45);
}

TEST_F(ReplayTest, AfterItsCanariesTheRestFollows) {
  const auto plan = world_.plan(world_.bury(50));
  int asked = 0;
  world_.answer = [&](const kafka::Message&) {
    return ++asked == 2 ? DeliveryResult::DEAD : DeliveryResult::DELIVERED;
  };
  auto order = ReplayWorld::order(plan);
  order.mutable_canary()->set_count(5);
  order.mutable_canary()->set_min_success_ratio(0.8);
  ASSERT_TRUE(world_.ask<v1::Replay>(order));
  const auto end = done(plan);
  EXPECT_EQ(end.canaries(), v1::Replay::PASSED);
  EXPECT_EQ(end.delivered_count(), 49);
  EXPECT_EQ(world_.sent().size(), 50U);
}

TEST_F(ReplayTest, CancellingStopsItAndWhatWasNotSentStaysOpen) {
  const auto letters = world_.bury(100);
  const auto plan = world_.plan(letters);
  world_.execute(plan, 2);  // most of them are still to come, however late it is cancelled
  world_.until(plan, [](const v1::Replay& now) { return now.delivered_count() >= 3; });
  v1::CancelReplayRequest cancel;
  cancel.set_name(plan.name());
  const auto cancelled = world_.ask<v1::Replay>(cancel);
  ASSERT_TRUE(cancelled) << cancelled.error().message;
  EXPECT_EQ(cancelled->state(), v1::Replay::CANCELLED);
  EXPECT_EQ(cancelled->cancelled_by(), "tester");
  EXPECT_EQ(world_.ask<v1::Replay>(cancel)->state(), v1::Replay::CANCELLED);
  // What had been taken still ends.
  const auto end = world_.until(plan, [](const v1::Replay& now) { return now.replaying_count() == 0; });
  EXPECT_EQ(end.delivered_count() + end.returned_count(), 100);
  EXPECT_LT(end.delivered_count(), 60);
  EXPECT_EQ(world_.plan_all().total_count(), end.returned_count());
  EXPECT_EQ(static_cast<std::int64_t>(world_.sent().size()), end.delivered_count());
}

TEST_F(ReplayTest, TheRateHolds) {
  const auto plan = world_.plan(world_.bury(40));
  const auto begun = std::chrono::steady_clock::now();
  world_.execute(plan, 20);
  done(plan);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 1700ms);
}

TEST_F(ReplayTest, ANamedRepairGoesToTheNewRecipientAndTheLetterStaysAsItWas) {
  const auto letters = world_.bury(2, "invalid_recipient");
  const auto plan = world_.plan(letters);
  auto order = ReplayWorld::order(plan);
  auto& repair = *order.add_repairs();
  repair.set_name("deadLetters/" + letters[1].letter);
  repair.set_recipient("new@example.com");
  const auto executed = world_.ask<v1::Replay>(order);
  ASSERT_TRUE(executed) << executed.error().message;
  EXPECT_EQ(executed->repaired_count(), 1);
  done(plan);
  for (const auto& record : world_.sent()) {
    const auto request =
        events::decode<events::v1::NotificationRequest>(record.value, events::ContentType::kProtobuf);
    ASSERT_TRUE(request);
    const auto plain = world_.box().open(request->sealed(), *Uuid::parse(request->id()),
                                         events::type::kNotificationRequested);
    ASSERT_TRUE(plain) << plain.error().message;
    events::v1::NotificationPrivate content;
    ASSERT_TRUE(content.ParseFromString(*plain));
    const bool repaired = request->id() == letters[1].notification;
    EXPECT_EQ(content.recipient(), repaired ? "new@example.com" : "hong0@example.com");
    EXPECT_EQ(content.text(), "안녕하세요");
    EXPECT_EQ(request->repair(), repaired ? 1U : 0U);
    EXPECT_EQ(record.key, repaired ? "m-1" : "m-0");
  }
  EXPECT_EQ(world_.log_of().find("new@"), std::string::npos);
  EXPECT_EQ(world_.letter(letters[1].letter).recipient().find("new"), std::string::npos);
}

TEST_F(ReplayTest, PoisonIsReplayedUnchangedAndItsDeathAgainIsFollowed) {
  const auto poison = world_.bury_poison(std::string{"\x00\xff{not json", 11}, {{"theirs", "1"}});
  const std::string mebibyte(std::size_t{1024} * 1024, 'x');
  const auto large = world_.bury_poison(mebibyte, {});
  const auto plan = world_.plan({poison, large});
  EXPECT_EQ(plan.warnings(0).code(), "undecodable");
  world_.answer = [](const kafka::Message&) { return std::nullopt; };
  world_.execute(plan);
  world_.until(plan, [](const v1::Replay& now) { return now.sent_count() == 2; });
  const auto sent = world_.sent();
  ASSERT_EQ(sent.size(), 2U);
  std::vector<kafka::Record> again;
  for (const auto& record : sent) {
    const bool is_large = record.value->size() > 100;
    EXPECT_EQ(record.value, is_large ? mebibyte : (std::string{"\x00\xff{not json", 11}));
    if (!is_large) EXPECT_EQ(find(record.headers, "theirs"), "1");
    again.push_back(world_.died_again(record));
  }
  world_.publish(std::move(again));
  const auto end = done(plan);
  EXPECT_EQ(end.dead_again_count(), 2);
  EXPECT_EQ(state_of(poison), v1::DeadLetter::DEAD_AGAIN);
}

TEST_F(ReplayTest, WhatTheChannelSuppressesIsOpenAgain) {
  const auto letters = world_.bury(3);
  const auto plan = world_.plan(letters);
  world_.answer = [](const kafka::Message&) { return DeliveryResult::SUPPRESSED; };
  world_.execute(plan);
  const auto end = done(plan);
  EXPECT_EQ(end.returned_count(), 3);
  EXPECT_EQ(state_of(letters[0]), v1::DeadLetter::OPEN);
}

TEST_F(ReplayTest, AFallbackIsNoEndAndItsOwnResultCounts) {
  const auto letters = world_.bury(1);
  const auto plan = world_.plan(letters);
  world_.answer = [](const kafka::Message&) { return DeliveryResult::FELL_BACK; };
  world_.execute(plan);
  world_.until(plan, [](const v1::Replay& now) { return now.sent_count() == 1; });
  EXPECT_EQ(world_.get(plan.name()).state(), v1::Replay::RUNNING);
  // The other channel's result: another notification, the same letter.
  auto record = world_.sent().front();
  set(record.headers, header::kNotificationId, "01936f00-0000-8000-8000-00000000000f");
  world_.publish({world_.result(record, DeliveryResult::DELIVERED)});
  EXPECT_EQ(done(plan).delivered_count(), 1);
}

TEST_F(ReplayTest, DeliveredReplacesWhatWasHeardBefore) {
  const auto letters = world_.bury(1);
  const auto plan = world_.plan(letters);
  world_.answer = [](const kafka::Message&) { return DeliveryResult::DEAD; };
  world_.execute(plan);
  EXPECT_EQ(done(plan).dead_again_count(), 1);
  world_.publish({world_.result(world_.sent().front(), DeliveryResult::DELIVERED)});
  const auto end = world_.until(plan, [](const v1::Replay& now) { return now.delivered_count() == 1; });
  EXPECT_EQ(end.dead_again_count(), 0);
  EXPECT_EQ(state_of(letters[0]), v1::DeadLetter::DELIVERED);
}

TEST_F(ReplayTest, WatchingShowsItToItsEnd) {
  const auto plan = world_.plan(world_.bury(20));
  world_.execute(plan);
  v1::WatchReplayRequest request;
  request.set_name(plan.name());
  auto stream =
      world_.channel().stream<v1::Replay>(request, {.timeout = 0ms, .token = world_.operator_token()});
  done(plan);
  v1::Replay last;
  for (;;) {
    const auto next = world_.run(stream.next());
    ASSERT_TRUE(next) << next.error().message;
    if (!*next) break;
    last = **next;
  }
  EXPECT_EQ(last.state(), v1::Replay::COMPLETED);
  EXPECT_EQ(last.delivered_count(), 20);
}

}  // namespace
}  // namespace bongsu::deadletters
