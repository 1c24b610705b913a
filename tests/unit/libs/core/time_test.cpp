#include <bongsu/core/time.hpp>

#include <gtest/gtest.h>

namespace bongsu {
namespace {

using namespace std::chrono_literals;

TEST(Rfc3339, RoundTripsToTheMillisecond) {
  const auto time = parse_rfc3339("2026-11-21T12:55:23.120+09:00");
  ASSERT_TRUE(time);
  EXPECT_EQ(to_rfc3339(*time), "2026-11-21T03:55:23.120Z");
  EXPECT_EQ(parse_rfc3339("2026-11-21T03:55:23.12Z"), *time);
  EXPECT_EQ(parse_rfc3339("2026-11-21T03:55:23.120999Z"), *time);
}

TEST(Rfc3339, RefusesWhatIsNone) {
  for (const auto* bad :
       {"", "2026-11-21", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T00:00:00",
        "2026-11-21T00:00:00.Z", "2026-11-21T00:00:00+9:00", "2026-11-21T00:00:00Zx"}) {
    EXPECT_FALSE(parse_rfc3339(bad)) << bad;
  }
}

TEST(Date, TheDayChangesInSeoulAtThreeInTheAfternoonUtc) {
  EXPECT_EQ(to_string(date_in_seoul(*parse_rfc3339("2026-11-21T14:59:59.999Z"))), "2026-11-21");
  EXPECT_EQ(to_string(date_in_seoul(*parse_rfc3339("2026-11-21T15:00:00Z"))), "2026-11-22");
}

TEST(Duration, HasAUnit) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("1m"), 60s);
  EXPECT_EQ(parse_duration("7d"), 168h);
  for (const auto* bad : {"", "5", "-1s", "1 s", "s", "1w", "9223372036854775807d"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
  EXPECT_EQ(to_string(std::chrono::milliseconds{60'000}), "1m");
  EXPECT_EQ(to_string(std::chrono::milliseconds{1'500}), "1500ms");
}

TEST(Durations, AreWrittenInIso8601) {
  using namespace std::chrono_literals;
  EXPECT_EQ(to_iso8601(0ms), "PT0S");
  EXPECT_EQ(to_iso8601(-5ms), "PT0S");
  EXPECT_EQ(to_iso8601(250ms), "PT0.25S");
  EXPECT_EQ(to_iso8601(90s), "PT1M30S");
  EXPECT_EQ(to_iso8601(1h), "PT1H");
  EXPECT_EQ(to_iso8601(26h + 3min + 4s + 5ms), "PT26H3M4.005S");
}

}  // namespace
}  // namespace bongsu
