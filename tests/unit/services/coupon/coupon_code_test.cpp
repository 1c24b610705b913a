#include "coupon_code.hpp"

#include <array>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace bongsu::coupon {
namespace {

/// Gives the bytes it is told to.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(unsigned char byte) : byte_(byte) {}
  void fill(std::span<unsigned char> bytes) override {
    for (auto& byte : bytes) byte = byte_++;
  }

 private:
  unsigned char byte_;
};

TEST(CouponCode, FourGroupsOfFourWithoutAmbiguousLetters) {
  SystemRandom random;
  for (int i = 0; i < 1000; ++i) {
    const auto code = make_code(random);
    ASSERT_EQ(code.size(), 19U);
    for (std::size_t at = 0; at < code.size(); ++at) {
      if (at % 5 == 4)
        EXPECT_EQ(code[at], '-');
      else
        EXPECT_NE(std::string{"0123456789ABCDEFGHJKMNPQRSTVWXYZ"}.find(code[at]), std::string::npos) << code;
    }
  }
}

TEST(CouponCode, EveryBitOfChanceIsInIt) {
  FixedRandom random{1};
  EXPECT_EQ(make_code(random), "0410-6105-0R3G-G28A");  // 01 02 … 0A in Crockford's base 32
}

TEST(CouponCode, CodesDoNotRepeat) {
  SystemRandom random;
  std::set<std::string> codes;
  for (int i = 0; i < 100'000; ++i) codes.insert(make_code(random));
  EXPECT_EQ(codes.size(), 100'000U);
}

}  // namespace
}  // namespace bongsu::coupon
