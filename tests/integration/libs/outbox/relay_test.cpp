#include "outbox_world.hpp"

#include <gtest/gtest.h>

namespace bongsu::outbox {
namespace {

using postgres::Params;

TEST(Relay, PublishesWhatWasThereAndWhatComesInOrder) {
  OutboxWorld world;
  world.insert(numbered(0, 2500));
  auto& relay = world.start_relay();
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 2500; }));
  world.insert(numbered(2500, 3));
  relay.wake();
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 2503; }));
  const auto values = world.log.values();
  for (int i = 0; i < 2503; ++i) ASSERT_EQ(values[static_cast<std::size_t>(i)], std::to_string(i));
  EXPECT_EQ(world.log.confirmed.front().topic, "bongsu.test");
  EXPECT_EQ(world.log.confirmed.front().headers, (Headers{{"ce_type", "test"}}));
}

TEST(Relay, AtRestTheCursorPassesEveryTransactionThatEnded) {
  OutboxWorld world;
  world.start_relay();
  world.insert(numbered(0, 3));
  const auto xid = world.query("SELECT max(xid::text) FROM outbox")->get<std::string>(0, 0);
  EXPECT_TRUE(world.until([&] { return world.stored_cursor().xid.value > std::stoull(xid); }));
  EXPECT_EQ(world.stored_cursor().sequence, 0);
  EXPECT_EQ(world.log.confirmed.size(), 3U);
}

TEST(Relay, CursorStaysBeforeWhatIsNotConfirmed) {
  OutboxWorld world;
  world.log.holds = true;
  world.insert(numbered(0, 100));
  const auto before = world.stored_cursor();
  world.start_relay();
  ASSERT_TRUE(world.until([&] { return world.log.most_in_flight == 100; }));
  EXPECT_EQ(world.stored_cursor(), before);
  world.log.holds = false;
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 100; }));
  EXPECT_TRUE(world.until([&] { return world.stored_cursor() > before; }));
}

struct Writers {
  bool may_end = false;  ///< the second half of their transactions waits for it
  int ended = 0;
};

/// Transactions of one to three events each, with pauses in between and inside.
asio::awaitable<void> write_some(OutboxWorld& world, int writer, int transactions, Writers& all) {
  SeededRandom dice{static_cast<std::uint64_t>(writer) + 1};
  int number = 0;
  for (int t = 0; t < transactions; ++t) {
    while (t >= transactions / 2 && !all.may_end) {
      if (world.running == 0) co_return;  // the test has failed
      co_await sleep_for(1ms);
    }
    auto session = co_await world.pool->session(30s);
    if (!session) throw std::runtime_error(session.error().message);
    const auto begun = co_await session->begin();
    if (!begun) throw std::runtime_error(begun.error().message);
    const auto count = 1 + dice.below(3);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto inserted = co_await session->query(
          "INSERT INTO outbox (id, topic, key, headers, value) VALUES ($1, 't', $2, '', $3)",
          Params::of(Uuid{}, postgres::Bytes{std::to_string(writer)},
                     postgres::Bytes{std::to_string(writer) + ":" + std::to_string(number++)}));
      if (!inserted) throw std::runtime_error(inserted.error().message);
      co_await sleep_for(std::chrono::milliseconds{dice.below(8)});
    }
    const auto committed = co_await session->commit();
    if (!committed) throw std::runtime_error(committed.error().message);
  }
  ++all.ended;
}

TEST(Relay, SixteenWritersALateCommitAndALeafEmptiedMeanwhileNothingIsSkipped) {
  constexpr int kWriters = 16;
  constexpr int kTransactions = 20;
  Writers writers;
  OutboxWorld world;
  // The first leaf ends within the run, in the middle of everything.
  ASSERT_TRUE(world.administer("ALTER SEQUENCE outbox_sequence RESTART WITH 999900"));
  world.start_relay();
  for (int i = 0; i < kWriters; ++i)
    spawn(world.executor(), "writer", write_some(world, i, kTransactions, writers));
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() > 100; }));

  // Its xid is old, its commit is late: the relay waits for it, and only for it.
  auto late = open_transaction(world,
                               "INSERT INTO outbox (id, topic, key, headers, value) "
                               "VALUES (gen_random_uuid(), 't', 'late', '', 'late')");
  writers.may_end = true;
  ASSERT_TRUE(world.until([&] { return writers.ended == kWriters; }));
  const auto all = static_cast<std::size_t>(
      world.query("SELECT pg_sequence_last_value('outbox_sequence') - 999900 + 1")->get<std::int64_t>(0, 0));
  EXPECT_LT(world.log.confirmed.size(), all - 1);
  EXPECT_TRUE(world.cursor_is_honest());
  ASSERT_TRUE(support::run(world.io, late->commit()));
  late.reset();

  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() >= all; }));
  const auto values = world.log.values();
  EXPECT_EQ(distinct(values).size(), all);
  EXPECT_TRUE(distinct(values).contains("late"));
  // Of one key in the order of its transactions.
  std::map<std::string, int> next;
  for (const auto& event : world.log.confirmed) {
    if (event.key == "late") continue;
    EXPECT_EQ(event.value, event.key + ":" + std::to_string(next[event.key]++));
  }
  EXPECT_TRUE(world.until(
      [&] { return world.query("SELECT pg_relation_size('outbox_leaf_0')")->get<std::int64_t>(0, 0) == 0; }));
  EXPECT_GT(world.query("SELECT pg_relation_size('outbox_leaf_1')")->get<std::int64_t>(0, 0), 0);
}

TEST(Relay, ConnectionTerminatedInTheMiddleNothingIsLostAndTheCursorIsHonest) {
  OutboxWorld world;
  for (int i = 0; i < 10; ++i) world.insert(numbered(i * 1000, 1000));
  world.start_relay();
  int leaderships = 0;
  for (std::size_t after : {500U, 3000U, 6000U}) {
    // What was in flight goes out without a connection, too: there must be one again to be lost.
    ++leaderships;
    ASSERT_TRUE(world.until(
        [&] { return world.log.publishers >= leaderships && distinct(world.log.values()).size() > after; }));
    ASSERT_TRUE(world.administer(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%-relay' "
        "AND datname = current_database()"));
    EXPECT_TRUE(world.cursor_is_honest());
  }
  ASSERT_TRUE(world.until([&] { return distinct(world.log.values()).size() == 10'000; }, 60s));
  // The last loss may be noticed only after everything has gone out.
  EXPECT_TRUE(world.until([&] { return world.log.publishers >= 4; }));
  EXPECT_TRUE(world.cursor_is_honest());
}

TEST(Relay, OfTwoOneWorksAndTheOtherTakesOver) {
  OutboxWorld world;
  auto& first = world.start_relay();
  ASSERT_TRUE(world.until([&] { return first.leading(); }));
  auto& second = world.start_relay();
  world.insert(numbered(0, 100));
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 100; }));
  EXPECT_FALSE(second.leading());
  first.stop(5s);
  ASSERT_TRUE(world.until([&] { return second.leading(); }));
  world.insert(numbered(100, 100));
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 200; }));
  EXPECT_EQ(distinct(world.log.values()).size(), 200U);
  EXPECT_EQ(world.log.publishers, 2);
}

TEST(Relay, RefusedForItsOwnSakeGoesAsideAndTheRestGoesOn) {
  OutboxWorld world;
  world.log.largest = 100;
  auto events = numbered(0, 50);
  events[20].value = std::string(500, 'x');
  world.insert(events);
  world.owner_answers = fail(ErrorCode::kUnavailable, "not now");
  world.start_relay();
  ASSERT_TRUE(world.until([&] { return world.refused.size() >= 2; }));
  world.owner_answers = {};
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 49; }));
  ASSERT_TRUE(world.until([&] {
    return world.query("SELECT count(*) FROM failed_publication WHERE told_at IS NOT NULL")
               ->get<std::int64_t>(0, 0) == 1;
  }));
  const auto told = world.refused.size();
  EXPECT_EQ(world.refused.front().event.id, events[20].id);
  EXPECT_EQ(world.refused.front().event.value, events[20].value);
  EXPECT_EQ(world.refused.front().reason, "MSG_SIZE_TOO_LARGE");

  const auto failed = support::run(world.io, failed_publications(*world.pool, 10));
  ASSERT_EQ(failed->size(), 1U);
  EXPECT_EQ(failed->front().id, events[20].id);
  EXPECT_EQ(failed->front().bytes, 500);
  EXPECT_EQ(support::run(world.io, retry(*world.pool, Uuid{})).error().code, ErrorCode::kNotFound);
  world.log.largest = 1000;
  ASSERT_TRUE(support::run(world.io, retry(*world.pool, events[20].id)));
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 50; }));
  EXPECT_TRUE(support::run(world.io, failed_publications(*world.pool, 10))->empty());
  EXPECT_EQ(world.refused.size(), told);
}

TEST(Relay, PublisherBeyondRepairIsReplacedAndGoesOnFromTheCursor) {
  OutboxWorld world;
  auto& relay = world.start_relay();
  for (int round = 1; round <= 3; ++round) {
    world.log.holds = true;
    world.log.most_in_flight = 0;
    world.insert(numbered((round - 1) * 1000, 1000));
    relay.wake();
    ASSERT_TRUE(world.until([&] { return world.log.most_in_flight > 0; }));
    world.log.breaks = Error{.code = ErrorCode::kConflict, .message = "fake: fatal", .detail = "fatal"};
    world.log.holds = false;
    ASSERT_TRUE(world.until([&] { return world.log.publishers == round + 1; }));
    EXPECT_TRUE(world.cursor_is_honest());
    const auto all = static_cast<std::size_t>(round) * 1000;
    ASSERT_TRUE(world.until([&] { return distinct(world.log.values()).size() == all; }));
  }
}

TEST(Relay, StopWaitsForWhatIsInFlight) {
  OutboxWorld world;
  world.insert(numbered(0, 200));
  world.log.holds = true;
  auto& relay = world.start_relay();
  ASSERT_TRUE(world.until([&] { return world.log.most_in_flight == 200; }));
  relay.stop(60s);
  EXPECT_FALSE(world.until([&] { return world.running == 0; }, 1s));
  world.log.holds = false;
  ASSERT_TRUE(world.until([&] { return world.running == 0; }));
  EXPECT_EQ(world.log.confirmed.size(), 200U);
  // Whoever comes next publishes nothing twice.
  world.start_relay();
  world.insert(numbered(200, 1));
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 201; }));
}

TEST(Relay, StopDoesNotWaitForeverForALogThatIsAway) {
  OutboxWorld world;
  world.insert(numbered(0, 1000));
  world.log.holds = true;
  auto& relay = world.start_relay({.max_in_flight = 100});
  ASSERT_TRUE(world.until([&] { return world.log.most_in_flight == 100; }));
  relay.stop(200ms);
  EXPECT_TRUE(world.until([&] { return world.running == 0; }));
  EXPECT_EQ(world.stored_cursor(), Position{});
}

TEST(Relay, AfterARestoreFromAnotherServerEverythingIsPublishedAgain) {
  OutboxWorld world;
  world.insert(numbered(0, 4));
  // As a dump would bring them: ids of a server that was far ahead, the first two published there.
  ASSERT_TRUE(world.query("UPDATE outbox SET xid = '900000000000'"));
  ASSERT_TRUE(world.query("UPDATE outbox_cursor SET xid = '900000000000', sequence = 2"));
  world.insert(numbered(4, 2));
  world.start_relay();
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 4; }));
  EXPECT_EQ(distinct(world.log.values()), (std::set<std::string>{"2", "3", "4", "5"}));
}

TEST(Relay, StatusTellsWhatWaitsAndWhatHoldsItBack) {
  OutboxWorld world;
  world.insert(numbered(0, 7));
  auto session = open_transaction(world, "SELECT pg_current_xact_id()");
  const auto waiting = support::run(world.io, status(*world.pool));
  ASSERT_TRUE(waiting) << waiting.error().message;
  EXPECT_EQ(waiting->waiting, 7);
  EXPECT_TRUE(waiting->oldest_waiting);
  EXPECT_TRUE(world.until(
      [&] { return support::run(world.io, status(*world.pool))->oldest_open_transaction > 0ms; }));
  EXPECT_EQ(waiting->leaves.size(), 8U);
  EXPECT_TRUE(support::run(world.io, session->rollback()));
  world.start_relay();
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 7; }));
  EXPECT_TRUE(world.until([&] { return support::run(world.io, status(*world.pool))->waiting == 0; }));
}

}  // namespace
}  // namespace bongsu::outbox
