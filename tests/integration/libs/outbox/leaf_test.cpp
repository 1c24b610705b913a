#include "outbox_world.hpp"

#include <gtest/gtest.h>

namespace bongsu::outbox {
namespace {

TEST(Leaf, ThatSomebodyHoldsIsEmptiedLaterAndTheRingGoesOn) {
  OutboxWorld world;
  world.insert(numbered(0, 10));
  ASSERT_TRUE(world.administer("ALTER SEQUENCE outbox_sequence RESTART WITH 1000000"));
  world.insert(numbered(10, 10));
  auto holder = open_transaction(world, "SELECT count(*) FROM outbox_leaf_0");
  world.start_relay();
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 20; }));
  // Once round: the leaf still holds its former turn, and takes the next.
  ASSERT_TRUE(world.administer("ALTER SEQUENCE outbox_sequence RESTART WITH 8000000"));
  world.insert(numbered(20, 10));
  ASSERT_TRUE(world.until([&] { return world.log.confirmed.size() == 30; }));
  EXPECT_EQ(world.query("SELECT count(*) FROM outbox_leaf_0")->get<std::int64_t>(0, 0), 20);
  ASSERT_TRUE(world.administer("ALTER SEQUENCE outbox_sequence RESTART WITH 9000000"));
  world.insert(numbered(30, 1));
  EXPECT_TRUE(support::run(world.io, holder->rollback()));
  holder.reset();
  EXPECT_TRUE(world.until(
      [&] { return world.query("SELECT pg_relation_size('outbox_leaf_0')")->get<std::int64_t>(0, 0) == 0; }));
  EXPECT_EQ(distinct(world.log.values()).size(), 31U);
}

TEST(Leaf, IsNotEmptiedBeforeAllOfItIsPublished) {
  OutboxWorld world;
  world.insert(numbered(0, 10));
  ASSERT_TRUE(world.administer("ALTER SEQUENCE outbox_sequence RESTART WITH 1000000"));
  world.insert(numbered(10, 1));
  EXPECT_FALSE(world.query("SELECT outbox_empty_leaf(0)")->get<bool>(0, 0));
  ASSERT_TRUE(
      world.query("UPDATE outbox_cursor SET xid = (SELECT xid FROM outbox WHERE value = '8'), sequence = 9"));
  EXPECT_FALSE(world.query("SELECT outbox_empty_leaf(0)")->get<bool>(0, 0));
  ASSERT_TRUE(world.query("UPDATE outbox_cursor SET sequence = 10"));
  EXPECT_TRUE(world.query("SELECT outbox_empty_leaf(0)")->get<bool>(0, 0));
  EXPECT_FALSE(world.query("SELECT outbox_empty_leaf(1)")->get<bool>(0, 0));  // where rows go now
  EXPECT_EQ(world.query("SELECT count(*) FROM outbox")->get<std::int64_t>(0, 0), 1);
}

}  // namespace
}  // namespace bongsu::outbox
