#include <bongsu/core/random.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bongsu {
namespace {

TEST(SystemRandom, NeverGivesTheSameTwice) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    std::string bytes(12, '\0');
    random.fill({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
    EXPECT_TRUE(seen.insert(bytes).second);
  }
}

TEST(SystemRandom, FillsAnyLengthWhole) {
  SystemRandom random;
  for (const std::size_t length : {0U, 1U, 700U, 700U, 1024U, 5000U}) {
    std::vector<unsigned char> bytes(length + 1, 0);
    // A byte stays zero by chance once in 256 draws; that it does so each time is as good as impossible.
    std::vector<bool> touched(length, false);
    for (int i = 0; i < 20; ++i) {
      random.fill(std::span{bytes}.first(length));
      for (std::size_t at = 0; at < length; ++at) touched[at] = touched[at] || bytes[at] != 0;
    }
    EXPECT_TRUE(std::ranges::all_of(touched, [](bool t) { return t; })) << length;
    EXPECT_EQ(bytes.back(), 0);
  }
}

TEST(SystemRandom, IsUniformBelowABound) {
  SystemRandom random;
  std::vector<int> counts(7, 0);
  for (int i = 0; i < 7000; ++i) ++counts[random.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 200);
}

}  // namespace
}  // namespace bongsu
