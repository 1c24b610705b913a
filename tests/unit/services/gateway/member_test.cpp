#include "member.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kToday = 2026y / 11 / 21;

MemberDraft hong() { return {.email = "Hong@Example.com", .name = "홍길동"}; }

std::string errors_of(const MemberDraft& draft) {
  FieldErrors errors;
  check(draft, kToday, errors);
  std::string all;
  for (const auto& error : errors.all()) all += (all.empty() ? "" : " ") + error.field + ":" + error.code;
  return all;
}

Member checked(const MemberDraft& draft) {
  FieldErrors errors;
  auto member = check(draft, kToday, errors);
  EXPECT_TRUE(errors.none());
  return member;
}

TEST(Member, NeedsAnAddressAndAName) {
  EXPECT_EQ(errors_of({}), "email:required name:required");
  const auto member = checked(hong());
  EXPECT_EQ(member.email.reveal(), "Hong@example.com");
  EXPECT_TRUE(member.phone.empty());
  EXPECT_FALSE(member.birth_date);
}

TEST(Member, LearnsEveryMistakeAtOnce) {
  EXPECT_EQ(errors_of({.email = "hong",
                       .name = "a\nb",
                       .phone = "12",
                       .resident_number = PrivateText{"990230-1234567"},
                       .birth_date = "1999-13-01"}),
            "email:invalid_email name:invalid_name phone:invalid_phone residentNumber:invalid_date "
            "birthDate:invalid_date");
}

TEST(Member, AResidentNumberGivesTheBirthDate) {
  auto draft = hong();
  draft.resident_number = PrivateText{"990131-1234567"};
  EXPECT_EQ(checked(draft).birth_date, 1999y / 1 / 31);
  draft.birth_date = "1999-01-31";
  EXPECT_EQ(checked(draft).birth_date, 1999y / 1 / 31);
  draft.birth_date = "1999-01-30";
  EXPECT_EQ(errors_of(draft), "birthDate:mismatch");
  draft.resident_number = PrivateText{""};
  EXPECT_EQ(errors_of(draft), "residentNumber:invalid_resident_number");
}

TEST(Member, NobodyIsBornTomorrow) {
  auto draft = hong();
  draft.birth_date = "2026-11-21";
  EXPECT_EQ(errors_of(draft), "");
  draft.birth_date = "2026-11-22";
  EXPECT_EQ(errors_of(draft), "birthDate:in_the_future");
  draft.birth_date.reset();
  draft.resident_number = PrivateText{"261122-3234567"};
  EXPECT_EQ(errors_of(draft), "residentNumber:in_the_future");
}

TEST(Member, AnotherBodyHasAnotherFingerprint) {
  auto other = hong();
  other.consent_night = true;
  EXPECT_NE(fingerprint(checked(other)), fingerprint(checked(hong())));
  auto number = hong();
  number.resident_number = PrivateText{"990131-1234567"};
  auto date = hong();
  date.birth_date = "1999-01-31";
  EXPECT_EQ(fingerprint(checked(number)), fingerprint(checked(date)));
}

}  // namespace
}  // namespace bongsu::gateway
