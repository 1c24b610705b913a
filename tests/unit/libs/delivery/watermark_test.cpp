#include <bongsu/delivery/watermark.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace bongsu::delivery {
namespace {

TEST(Watermark, StandsStillBelowTheSlowestRecord) {
  Watermark watermark{10};
  for (std::int64_t offset = 10; offset < 15; ++offset) watermark.begin(offset);
  watermark.done(11);
  watermark.done(12);
  EXPECT_EQ(watermark.position(), 10);
  EXPECT_EQ(watermark.ahead(), 5);
  watermark.done(10);
  EXPECT_EQ(watermark.position(), 13);
  EXPECT_FALSE(watermark.settled());
}

TEST(Watermark, OffsetsThatTheLogSkipsAreDone) {
  Watermark watermark{0};
  watermark.begin(3);
  EXPECT_EQ(watermark.position(), 3);
  watermark.begin(7);
  watermark.done(7);
  watermark.done(3);
  EXPECT_EQ(watermark.position(), 8);
  EXPECT_TRUE(watermark.settled());
}

TEST(Watermark, OneSlowRecordCostsOneInterval) {
  Watermark watermark{0};
  for (std::int64_t offset = 0; offset < 100'000; ++offset) {
    watermark.begin(offset);
    if (offset > 0) watermark.done(offset);
  }
  EXPECT_EQ(watermark.intervals(), 1U);
}

TEST(Watermark, IsTheLowestOpenOffsetInAnyOrderOfEnding) {
  EXPECT_TRUE(rc::check("position is the first open offset", [] {
    const std::int64_t first = *rc::gen::inRange(0, 1000);
    Watermark watermark{first};
    std::set<std::int64_t> open;
    std::int64_t next = first;
    const auto steps = *rc::gen::inRange(1, 300);
    for (int step = 0; step < steps; ++step) {
      if (open.empty() || *rc::gen::inRange(0, 3) != 0) {
        next += *rc::gen::inRange(0, 10) == 0 ? *rc::gen::inRange(1, 4) : 0;
        watermark.begin(next);
        open.insert(next++);
      } else {
        auto chosen = open.begin();
        std::advance(chosen, *rc::gen::inRange<int>(0, static_cast<int>(open.size())));
        watermark.done(*chosen);
        open.erase(chosen);
      }
      RC_ASSERT(watermark.position() == (open.empty() ? next : *open.begin()));
      RC_ASSERT(watermark.intervals() <= open.size());
    }
  }));
}

}  // namespace
}  // namespace bongsu::delivery
