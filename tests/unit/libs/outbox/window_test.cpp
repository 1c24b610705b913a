#include "window.hpp"

#include <random>

#include <gtest/gtest.h>

namespace bongsu::outbox {
namespace {

Position at(std::uint64_t xid, std::int64_t sequence) { return {{xid}, sequence}; }

TEST(Window, CursorMovesOverAContiguousPrefixOnly) {
  Window window{at(1, 0)};
  const auto a = window.add(at(2, 5), 10);
  const auto b = window.add(at(2, 6), 10);
  const auto c = window.add(at(3, 1), 10);
  EXPECT_FALSE(window.settle(b));
  EXPECT_EQ(window.cursor(), at(1, 0));
  EXPECT_EQ(window.open(), 2U);
  EXPECT_TRUE(window.settle(a));
  EXPECT_EQ(window.cursor(), at(2, 6));
  EXPECT_EQ(window.bytes(), 10U);
  EXPECT_TRUE(window.settle(c));
  EXPECT_EQ(window.cursor(), at(3, 1));
  EXPECT_TRUE(window.empty());
  EXPECT_EQ(window.passed(), 3U);
}

TEST(Window, ReportFromBeforeClearMeansNothing) {
  Window window{at(0, 0)};
  const auto old = window.add(at(1, 1), 1);
  window.clear();
  const auto again = window.add(at(1, 1), 1);
  EXPECT_FALSE(window.settle(old));
  EXPECT_EQ(window.cursor(), at(0, 0));
  EXPECT_TRUE(window.settle(again));
  EXPECT_EQ(window.cursor(), at(1, 1));
}

TEST(Window, RowTakenBackIsNotWaitedFor) {
  Window window{at(0, 0)};
  const auto a = window.add(at(1, 1), 1);
  window.add(at(1, 2), 1);
  window.take_back();
  EXPECT_TRUE(window.settle(a));
  EXPECT_TRUE(window.empty());
  const auto b = window.add(at(1, 2), 1);
  EXPECT_TRUE(window.settle(b));
  EXPECT_EQ(window.cursor(), at(1, 2));
}

TEST(Window, ReportedTwiceCountsOnce) {
  Window window{at(0, 0)};
  const auto a = window.add(at(1, 1), 1);
  const auto b = window.add(at(1, 2), 1);
  EXPECT_FALSE(window.settle(b));
  EXPECT_FALSE(window.settle(b));
  EXPECT_EQ(window.open(), 1U);
  EXPECT_TRUE(window.settle(a));
  EXPECT_FALSE(window.settle(a));
  EXPECT_EQ(window.open(), 0U);
}

TEST(Window, InAnyOrderOfReportsNothingUnsettledIsEverPassed) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 dice{seed};
    Window window{at(0, 0)};
    std::vector<std::uint64_t> open;
    std::set<std::int64_t> unsettled;
    std::int64_t next = 1;
    for (int step = 0; step < 200; ++step) {
      if (open.empty() || dice() % 2 == 0) {
        open.push_back(window.add(at(1, next), 1));
        unsettled.insert(next++);
      } else {
        const auto pick = dice() % open.size();
        unsettled.erase(window.position(open[pick]).sequence);
        window.settle(open[pick]);
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
      }
      const auto first = unsettled.empty() ? next : *unsettled.begin();
      ASSERT_EQ(window.cursor(), first == 1 ? at(0, 0) : at(1, first - 1)) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace bongsu::outbox
