#include <bongsu/core/phone.hpp>

#include <gtest/gtest.h>

namespace bongsu {
namespace {

TEST(Phone, DigitsWithHyphensOrBlanksBetweenThemCanBeANumber) {
  for (const auto* text :
       {"010-1234-5678", "01012345678", "+821012345678", "+82 10 1234 5678", "02-123-4567"})
    EXPECT_TRUE(is_phone_number(text)) << text;
  for (const auto* text :
       {"", "1234567", "010--1234-5678", "-01012345678", "010-1234-567a", "+", "1234567890123456"})
    EXPECT_FALSE(is_phone_number(text)) << text;
}

TEST(Phone, AKoreanNumberIsWrittenAsInKorea) {
  EXPECT_EQ(as_written_in_korea("+821012345678"), "010-1234-5678");
  EXPECT_EQ(as_written_in_korea("+82111234567"), "011-123-4567");
  EXPECT_EQ(as_written_in_korea("+82212345678"), "02-1234-5678");
  EXPECT_EQ(as_written_in_korea("+82311234567"), "031-123-4567");
}

TEST(Phone, AnyOtherTextStays) {
  for (const auto* text : {"010-1234-5678", "01012345678", "+14155550100", "+82", "+8210-1234", ""})
    EXPECT_EQ(as_written_in_korea(text), text);
}

}  // namespace
}  // namespace bongsu
