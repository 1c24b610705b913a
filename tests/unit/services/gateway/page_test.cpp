#include "bulk/page.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

Timestamp at(std::string_view text) { return *parse_rfc3339(text); }

TEST(Page, IsReadBackAsItWasWritten) {
  const std::vector<std::string> members{"a", "an id of somebody else's", "회원"};
  const std::vector<Suppressed> suppressed{{0, "no_consent"}, {2, "no_recipient"}};
  EXPECT_EQ(members_of(to_lines(members)), members);
  EXPECT_EQ(suppressed_of(to_lines(suppressed)), suppressed);
  EXPECT_TRUE(members_of("").empty());
  EXPECT_TRUE(suppressed_of("")->empty());
}

TEST(Page, WhatIsNoneOfOursIsRefused) {
  for (const auto* text : {"x no_consent\n", "1\n", "1 \n", "-1 inactive\n", "1no_consent\n"}) {
    EXPECT_FALSE(suppressed_of(text)) << text;
  }
}

TEST(Needs, KakaoAndSmsNeedANumberAndMailDoesNot) {
  const auto noon = at("2026-11-21T12:00:00+09:00");
  EXPECT_TRUE(needs_of(events::Channel::kKakao, events::Purpose::kTransactional, noon).phone);
  EXPECT_TRUE(needs_of(events::Channel::kSms, events::Purpose::kTransactional, noon).phone);
  EXPECT_FALSE(needs_of(events::Channel::kEmail, events::Purpose::kTransactional, noon).phone);
}

TEST(Needs, MarketingNeedsConsentAndAnotherOneAtNight) {
  using events::Channel;
  using events::Purpose;
  for (const auto& [time, night] : std::map<std::string, bool>{{"2026-11-21T07:59:59+09:00", true},
                                                               {"2026-11-21T08:00:00+09:00", false},
                                                               {"2026-11-21T20:59:59+09:00", false},
                                                               {"2026-11-21T21:00:00+09:00", true},
                                                               {"2026-11-21T00:00:00+09:00", true}}) {
    const auto needs = needs_of(Channel::kSms, Purpose::kMarketing, at(time));
    EXPECT_TRUE(needs.marketing_consent) << time;
    EXPECT_EQ(needs.night_consent, night) << time;
    const auto transactional = needs_of(Channel::kSms, Purpose::kTransactional, at(time));
    EXPECT_FALSE(transactional.marketing_consent || transactional.night_consent) << time;
  }
}

}  // namespace
}  // namespace bongsu::gateway
