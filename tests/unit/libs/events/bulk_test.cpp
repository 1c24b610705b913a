#include <bongsu/core/time.hpp>
#include <bongsu/events/bulk.hpp>

#include <gtest/gtest.h>

namespace bongsu::events {
namespace {

using Date = std::chrono::year_month_day;

Date date(std::string_view text) { return *parse_date(text); }

/// Full years, counted the slow way.
int age_on(Date birth, Date day) {
  int years = static_cast<int>(day.year()) - static_cast<int>(birth.year());
  const bool had_birthday = std::pair{day.month(), day.day()} >= std::pair{birth.month(), birth.day()};
  return had_birthday ? years : years - 1;
}

bool contains(const BirthDates& range, Date birth) {
  return birth <= range.last && (!range.first || birth >= *range.first);
}

TEST(AgeGroups, TheGroupChangesOnTheBirthday) {
  const auto twenties = birth_dates(AgeGroup::kTwenties, date("2026-11-21"));
  EXPECT_EQ(twenties.last, date("2006-11-21"));
  EXPECT_EQ(twenties.first, date("1996-11-22"));
}

TEST(AgeGroups, FiftyAndOverHasNoUpperEnd) {
  const auto range = birth_dates(AgeGroup::kFiftiesPlus, date("2026-11-21"));
  EXPECT_EQ(range.last, date("1976-11-21"));
  EXPECT_FALSE(range.first);
}

TEST(AgeGroups, WhoWasBornOn29FebruaryHasTheirBirthdayOn1MarchInOtherYears) {
  const auto birth = date("2004-02-29");
  EXPECT_FALSE(contains(birth_dates(AgeGroup::kTwenties, date("2024-02-28")), birth));
  EXPECT_TRUE(contains(birth_dates(AgeGroup::kTwenties, date("2024-02-29")), birth));
  EXPECT_TRUE(contains(birth_dates(AgeGroup::kTwenties, date("2034-02-28")), birth));
  EXPECT_FALSE(contains(birth_dates(AgeGroup::kTwenties, date("2034-03-01")), birth));
  EXPECT_TRUE(contains(birth_dates(AgeGroup::kThirties, date("2034-03-01")), birth));
}

TEST(AgeGroups, EveryAgeFromTenIsInOneGroupOnAnyDay) {
  for (const auto* day_text :
       {"2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28", "2025-03-01", "2026-12-31"}) {
    const auto day = date(day_text);
    for (auto birth = std::chrono::sys_days{date("1960-01-01")}; birth <= std::chrono::sys_days{day};
         birth += std::chrono::days{1}) {
      const auto age = age_on(Date{birth}, day);
      for (const auto group : kAgeGroups) {
        const int from = 10 * (static_cast<int>(group) + 1);
        const bool expected = group == AgeGroup::kFiftiesPlus ? age >= 50 : age >= from && age < from + 10;
        ASSERT_EQ(contains(birth_dates(group, day), Date{birth}), expected)
            << to_string(Date{birth}) << " on " << day_text << ", " << name_of(group);
      }
    }
  }
}

TEST(AgeGroups, HaveNames) {
  for (const auto group : kAgeGroups) EXPECT_EQ(parse_age_group(name_of(group)), group);
  EXPECT_FALSE(parse_age_group("twenties"));
  EXPECT_FALSE(parse_age_group(""));
}

TEST(Placeholders, TheNameIsTheOnlyOne) {
  EXPECT_TRUE(check_placeholders("{{name}}님, 안녕하세요 {{ name }}"));
  EXPECT_TRUE(check_placeholders("no braces, {one}, }} and {{ left open"));
  const auto refused = check_placeholders("{{name}} {{phone}}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "unknown_placeholder");
  EXPECT_FALSE(check_placeholders("{{}}"));
}

TEST(Placeholders, ANameIsPutInAsItIs) {
  EXPECT_EQ(personalised("{{name}}님, {{ name }}!", "홍길동"), "홍길동님, 홍길동!");
  EXPECT_EQ(personalised("{{name}}", "{{name}}"), "{{name}}");
  EXPECT_EQ(personalised("{ {name} } {{ left open", "x"), "{ {name} } {{ left open");
}

}  // namespace
}  // namespace bongsu::events
