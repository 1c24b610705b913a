#include "contact.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

TEST(Email, IsTakenAsItIsWithItsDomainInLowerCase) {
  const auto email = parse_email("Hong.Gil+Dong@Example.COM");
  ASSERT_TRUE(email);
  EXPECT_EQ(email->reveal(), "Hong.Gil+Dong@example.com");
  EXPECT_EQ(email_identity(*email), "hong.gil+dong@example.com");
}

TEST(Email, RefusesWhatIsNone) {
  const std::string longest = std::string(64, 'a') + "@example.com";
  EXPECT_TRUE(parse_email(longest));
  for (const std::string& bad : {std::string{""},
                                 std::string{"hong"},
                                 std::string{"@example.com"},
                                 std::string{"hong@"},
                                 std::string{"a@b@example.com"},
                                 std::string{"hong@example"},
                                 std::string{"hong@-example.com"},
                                 std::string{"hong@example-.com"},
                                 std::string{"hong@example..com"},
                                 std::string{"hong@.com"},
                                 std::string{".hong@example.com"},
                                 std::string{"hong.@example.com"},
                                 std::string{"ho..ng@example.com"},
                                 std::string{"ho ng@example.com"},
                                 std::string{"hong@exa mple.com"},
                                 std::string{"hong@127.0.0.1"},
                                 std::string{"\"hong\"@example.com"},
                                 std::string{"hong@example.com\r\nBcc: x@y.zz"},
                                 std::string{"홍@example.com"},
                                 std::string{"hong@example.com."},
                                 "a" + longest,
                                 "hong@" + std::string(64, 'a') + ".com",
                                 "hong@" + std::string(250, 'a') + ".com"}) {
    EXPECT_FALSE(parse_email(bad)) << bad;
  }
}

TEST(Phone, BecomesE164) {
  for (const auto* same : {"010-1234-5678", "01012345678", "+82 10-1234-5678", "+821012345678",
                           "010 1234 5678", "010.1234.5678", "(010) 1234-5678"}) {
    const auto phone = parse_phone(same);
    ASSERT_TRUE(phone) << same;
    EXPECT_EQ(phone->reveal(), "+821012345678") << same;
  }
  EXPECT_EQ(parse_phone("02-312-3456")->reveal(), "+8223123456");
  EXPECT_EQ(parse_phone("+1 650-253-0000")->reveal(), "+16502530000");
}

TEST(Phone, RefusesWhatIsNone) {
  for (const std::string& bad :
       {std::string{""}, std::string{"hello"}, std::string{"010-1234-56"}, std::string{"010-12345-6789"},
        std::string{"000-0000-0000"}, std::string{"+999 1234567"}, std::string{"010-1234-5678 ext 5"},
        std::string{"010-0000-0000"}, std::string(500, '1')}) {
    EXPECT_FALSE(parse_phone(bad)) << bad;
  }
}

TEST(Name, HasOneToAHundredCharactersAndNoControls) {
  EXPECT_TRUE(is_name("홍길동"));
  EXPECT_TRUE(is_name("O'Neill, J."));
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "홍";
  EXPECT_TRUE(is_name(hundred));
  EXPECT_FALSE(is_name(hundred + "홍"));
  EXPECT_FALSE(is_name(""));
  EXPECT_FALSE(is_name("   "));
  EXPECT_FALSE(is_name("a\nb"));
  EXPECT_FALSE(is_name(std::string_view{"a\0b", 3}));
  EXPECT_FALSE(is_name("a\x7f"));
  EXPECT_FALSE(is_name("a\xC2\x85"));
  EXPECT_FALSE(is_name("\xFF"));
}

}  // namespace
}  // namespace bongsu::gateway
