#include <bongsu/core/uuid.hpp>

#include <gtest/gtest.h>

namespace bongsu {
namespace {

const Timestamp kTime{std::chrono::milliseconds{1'732'161'323'123}};

TEST(Uuid, Version7BeginsWithItsTime) {
  SeededRandom random{1};
  const auto id = Uuid::v7(kTime, random);
  EXPECT_EQ(id.version(), 7);
  EXPECT_EQ(id.time(), kTime);
  EXPECT_NE(id, Uuid::v7(kTime, random));
}

TEST(Uuid, Version8OfTheSameNameIsTheSame) {
  const auto id = Uuid::v8(kTime, "parent/email");
  EXPECT_EQ(id, Uuid::v8(kTime, "parent/email"));
  EXPECT_NE(id, Uuid::v8(kTime, "parent/sms"));
  EXPECT_EQ(id.version(), 8);
  EXPECT_EQ(id.time(), kTime);
}

TEST(Uuid, TextRoundTrips) {
  const auto id = Uuid::v8(kTime, "x");
  EXPECT_EQ(Uuid::parse(id.str()), id);
  for (const auto* bad : {"", "0193", "0193c9f0-0000-7000-8000-00000000000g",
                          "0193c9f0x0000-7000-8000-000000000000", "0193c9f0-0000-7000-8000-0000000000001"}) {
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace bongsu
