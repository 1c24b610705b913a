#include <bongsu/core/bytes.hpp>
#include <bongsu/postgres/params.hpp>

#include <gtest/gtest.h>

namespace bongsu::postgres {
namespace {

std::string hex(const Params& params, std::size_t index) { return to_hex(params.bytes(index)); }

TEST(Params, AreInNetworkByteOrderWithTheirTypes) {
  const auto params = Params::of(std::int32_t{-2}, std::int64_t{258}, true, "text",
                                 Bytes{std::string_view{"\0\1", 2}}, 1.5, Xid{7});
  ASSERT_EQ(params.size(), 7U);
  EXPECT_EQ(params.type(0), 23U);
  EXPECT_EQ(hex(params, 0), "fffffffe");
  EXPECT_EQ(params.type(1), 20U);
  EXPECT_EQ(hex(params, 1), "0000000000000102");
  EXPECT_EQ(hex(params, 2), "01");
  EXPECT_EQ(params.type(3), 25U);
  EXPECT_EQ(params.bytes(3), "text");
  EXPECT_EQ(params.type(4), 17U);
  EXPECT_EQ(hex(params, 4), "0001");
  EXPECT_EQ(hex(params, 5), "3ff8000000000000");
  EXPECT_EQ(params.type(6), 5069U);
}

TEST(Params, EmptyTextIsNotNull) {
  const auto params = Params::of("", std::optional<std::string>{}, std::optional<std::string>{"x"});
  EXPECT_FALSE(params.is_null(0));
  EXPECT_TRUE(params.is_null(1));
  EXPECT_EQ(params.type(1), 25U);
  EXPECT_EQ(params.bytes(2), "x");
}

TEST(Params, ArraysCarryTheirNulls) {
  const auto params =
      Params::of(std::vector<std::optional<std::int32_t>>{1, std::nullopt}, std::vector<Uuid>{});
  EXPECT_EQ(params.type(0), 1007U);
  EXPECT_EQ(hex(params, 0),
            "0000000100000001000000170000000200000001"
            "0000000400000001"
            "ffffffff");
  EXPECT_EQ(params.type(1), 2951U);
  EXPECT_EQ(hex(params, 1), "000000000000000000000b86");
}

TEST(Codec, TimesAndDatesComeBack) {
  using namespace std::chrono;
  for (const auto text : {"2026-11-21T03:55:23.123Z", "1969-12-31T23:59:59.999Z", "2000-01-01T00:00:00Z"}) {
    const auto time = *parse_rfc3339(text);
    std::string bytes;
    Codec<Timestamp>::encode(bytes, time);
    EXPECT_EQ(Codec<Timestamp>::decode(1184, bytes), time) << text;
  }
  std::string bytes;
  Codec<year_month_day>::encode(bytes, 1950y / 2 / 28);
  EXPECT_EQ(Codec<year_month_day>::decode(1082, bytes), 1950y / 2 / 28);
}

}  // namespace
}  // namespace bongsu::postgres
