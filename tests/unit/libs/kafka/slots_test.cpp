#include "slots.hpp"

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

TEST(Slots, AreUsedAgainAndForgetWhatTheyHeld) {
  Slots slots;
  auto& first = slots.take(100);
  first.value = "a value that is longer than a short string";
  auto& second = slots.take(20);
  EXPECT_EQ(slots.taken(), 2U);
  EXPECT_EQ(slots.bytes(), 120U);
  slots.give_back(first);
  EXPECT_EQ(slots.taken(), 1U);
  EXPECT_EQ(slots.bytes(), 20U);
  auto& third = slots.take(7);
  EXPECT_EQ(&third, &first);
  EXPECT_TRUE(third.value.empty());
  EXPECT_EQ(slots.bytes(), 27U);
  EXPECT_NE(&third, &second);
}

TEST(Slots, DoNotMoveWhenTheirNumberGrows) {
  Slots slots;
  auto& first = slots.take(1);
  const auto* value = first.value.data();
  for (int i = 0; i < 10'000; ++i) slots.take(1);
  EXPECT_EQ(first.value.data(), value);
}

TEST(Slots, VisitsOnlyThoseInUse) {
  Slots slots;
  auto& gone = slots.take(1);
  slots.take(2);
  slots.give_back(gone);
  int visited = 0;
  slots.for_each_taken([&](Slot& slot) {
    ++visited;
    EXPECT_EQ(slot.bytes, 2U);
  });
  EXPECT_EQ(visited, 1);
}

}  // namespace
}  // namespace bongsu::kafka
