// Replays while the service, a replica of it, PostgreSQL or Kafka goes away.
#include "replay_world.hpp"

#include <bongsu/events/headers.hpp>

#include <gtest/gtest.h>
#include <poll.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using events::v1::DeliveryResult;

TEST(ReplayCrash, KilledAgainAndAgainEveryLetterIsReplayedAndNoneSkipped) {
  ReplayWorld world;
  world.start();
  const auto letters = world.bury(1'000);
  const auto plan = world.plan_all();
  world.execute(plan, 400);
  SeededRandom random{11};
  for (int i = 0; i < 8; ++i) {
    // A moment of its own for each: not a wait for anything.
    ::poll(nullptr, 0, static_cast<int>(100 + random.below(300)));
    world.kill();
    world.start();
  }
  const auto end = world.until_state(plan, v1::Replay::COMPLETED);
  EXPECT_EQ(end.delivered_count(), 1'000);
  EXPECT_EQ(end.skipped_count() + end.returned_count() + end.dead_again_count(), 0);
  EXPECT_EQ(end.sent_count(), 1'000);
  EXPECT_EQ(world.sent_letters().size(), 1'000U);
  // What went out twice did so under one generation: the channel's ledger sends it once.
  for (const auto& record : world.sent()) EXPECT_EQ(find(record.headers, events::header::kGeneration), "1");
  EXPECT_EQ(world.column("SELECT count(*)::text FROM deadletters.letter WHERE state = 3").front(), "1000");
}

TEST(ReplayCrash, AnotherReplicaGoesOnWithWhatADeadOneHadBegun) {
  ReplayWorld world;
  world.start();
  const auto letters = world.bury(200);
  const auto plan = world.plan_all();
  world.execute(plan, 100);
  world.until(plan, [](const v1::Replay& now) { return now.sent_count() > 20; });
  world.start("2");
  world.kill();
  const auto end = world.until_state(plan, v1::Replay::COMPLETED);
  EXPECT_EQ(end.delivered_count(), 200);
  EXPECT_EQ(world.sent_letters().size(), 200U);
}

TEST(ReplayCrash, StoppedAndStartedItGoesOnWithoutSendingTwice) {
  ReplayWorld world;
  world.start();
  world.bury(200);
  const auto plan = world.plan_all();
  world.execute(plan, 100);
  world.until(plan, [](const v1::Replay& now) { return now.sent_count() > 20; });
  EXPECT_EQ(world.stop(), 0);
  world.start();
  const auto end = world.until_state(plan, v1::Replay::COMPLETED);
  EXPECT_EQ(end.delivered_count(), 200);
  for (const auto& [letter, times] : world.sent_letters()) EXPECT_EQ(times, 1) << letter;
}

TEST(ReplayCrash, ConnectionsThatAreCutLoseNothing) {
  ReplayWorld world;
  world.start();
  world.bury(300);
  const auto plan = world.plan_all();
  world.execute(plan, 150);
  for (std::int64_t sent = 60; sent <= 180; sent += 60) {
    world.until(plan, [sent](const v1::Replay& now) { return now.sent_count() > sent; });
    world.database.cut_connections();
  }
  const auto end = world.until_state(plan, v1::Replay::COMPLETED);
  EXPECT_EQ(end.delivered_count(), 300);
  EXPECT_EQ(world.sent_letters().size(), 300U);
}

TEST(ReplayCrash, WhileTheBrokerIsAwayItWaitsAndGoesOnByItself) {
  ReplayWorld world;
  world.start();
  world.bury(200);
  const auto plan = world.plan_all();
  world.execute(plan, 100);
  world.until(plan, [](const v1::Replay& now) { return now.sent_count() > 20; });
  world.kafka.kill_broker();
  world.kafka.start_broker();
  const auto end = world.until_state(plan, v1::Replay::COMPLETED);
  EXPECT_EQ(end.delivered_count(), 200);
  EXPECT_EQ(world.sent_letters().size(), 200U);
}

TEST(ReplayCrash, ARebuiltIndexKnowsItsReplays) {
  ReplayWorld world;
  world.start();
  const auto letters = world.bury(60);
  const auto first = world.plan({letters.begin(), letters.begin() + 20});
  world.answer = [&](const kafka::Message& record) -> std::optional<ReplayWorld::Outcome> {
    const bool dies = find(record.headers, events::header::kLetterId) == letters[3].letter;
    return dies ? DeliveryResult::DEAD : DeliveryResult::DELIVERED;
  };
  world.execute(first);
  world.until_state(first, v1::Replay::COMPLETED);
  const auto waiting = world.plan({letters.begin() + 20, letters.end()});
  auto before = world.get(first.name());
  EXPECT_EQ(world.stop(), 0);
  world.until_disconnected();
  world.start("", {"--rebuild"});
  world.until(first, [](const v1::Replay&) { return true; });
  const auto after = world.get(first.name());
  EXPECT_EQ(after.ShortDebugString(), before.ShortDebugString());
  EXPECT_EQ(world.get(waiting.name()).ShortDebugString(), waiting.ShortDebugString());
  // And goes on with them.
  world.execute(waiting);
  EXPECT_EQ(world.until_state(waiting, v1::Replay::COMPLETED).delivered_count(), 40);
  EXPECT_EQ(world.sent_letters().size(), 60U);
}

}  // namespace
}  // namespace bongsu::deadletters
