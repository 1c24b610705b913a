#include "resident_number.hpp"

#include <bongsu/core/time.hpp>

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

std::string date_of(const std::string& number) {
  const auto date = birth_date_of(PrivateText{number});
  return date ? to_string(*date) : date.error().detail;
}

TEST(ResidentNumber, TheSeventhDigitTellsTheCentury) {
  EXPECT_EQ(date_of("990131-1234567"), "1999-01-31");
  EXPECT_EQ(date_of("990131-2234567"), "1999-01-31");
  EXPECT_EQ(date_of("990131-5234567"), "1999-01-31");
  EXPECT_EQ(date_of("990131-6234567"), "1999-01-31");
  EXPECT_EQ(date_of("050131-3234567"), "2005-01-31");
  EXPECT_EQ(date_of("050131-4234567"), "2005-01-31");
  EXPECT_EQ(date_of("050131-7234567"), "2005-01-31");
  EXPECT_EQ(date_of("050131-8234567"), "2005-01-31");
  EXPECT_EQ(date_of("990131-9234567"), "1899-01-31");
  EXPECT_EQ(date_of("990131-0234567"), "1899-01-31");
}

TEST(ResidentNumber, MayComeWithoutHyphen) { EXPECT_EQ(date_of("9901311234567"), "1999-01-31"); }

TEST(ResidentNumber, HasThirteenDigits) {
  for (const auto* bad : {"", "990131-123456", "990131-12345678", "99013-11234567", "990131 1234567",
                          "99013112345678", "990131-12345a7", "--0131-1234567"}) {
    EXPECT_EQ(date_of(bad), "format") << bad;
  }
}

TEST(ResidentNumber, BeginsWithADayThatExists) {
  for (const auto* bad : {"990230-1234567", "991301-1234567", "990100-1234567", "000000-3234567"}) {
    EXPECT_EQ(date_of(bad), "date") << bad;
  }
  EXPECT_EQ(date_of("000229-3234567"), "2000-02-29");
  EXPECT_EQ(date_of("000229-1234567"), "date") << "1900 was no leap year";
}

}  // namespace
}  // namespace bongsu::gateway
