#include <bongsu/core/bytes.hpp>
#include <bongsu/core/private.hpp>

#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace bongsu {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Streamable<EmailAddress>);
static_assert(!fmt::is_formattable<EmailAddress>::value);

TEST(Private, MaskedShowsWhoItCouldBeButNotWho) {
  EXPECT_EQ(EmailAddress{"hong@example.com"}.masked(), "h***@example.com");
  EXPECT_EQ(EmailAddress{"@"}.masked(), "***");
  EXPECT_EQ(PhoneNumber{"010-1234-5678"}.masked(), "***-****-5678");
  EXPECT_EQ(PhoneNumber{"1234"}.masked(), "***");
  EXPECT_EQ(PersonName{"홍길동"}.masked(), "홍**");
  EXPECT_EQ(PrivateText{"안녕"}.masked(), "(2 characters)");
  EXPECT_EQ(Recipient{"+821012345678"}.masked(), "***-****-5678");
}

TEST(Utf8, OverlongFormsAndSurrogatesAreRefused) {
  EXPECT_TRUE(is_utf8("봉수 🔥"));
  for (const auto* bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\x80"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Base64, RoundTrips) {
  for (const std::string text : {"", "f", "fo", "foo", "foob"}) EXPECT_EQ(from_base64(to_base64(text)), text);
  EXPECT_FALSE(from_base64("abc"));
  EXPECT_FALSE(from_base64("a*cd"));
}

}  // namespace
}  // namespace bongsu
