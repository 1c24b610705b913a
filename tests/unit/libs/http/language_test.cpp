#include <bongsu/http/language.hpp>

#include <gtest/gtest.h>

namespace bongsu::http {
namespace {

TEST(Language, EnglishOnlyWhereItRanksAboveKorean) {
  for (const auto* header : {"en", "EN", "en-US", "en-US,en;q=0.9,ko;q=0.8", "fr, en;q=0.5",
                             "ko;q=0.1, en;q=0.2", "en;q=0.001", "ko;q=0,en"}) {
    EXPECT_TRUE(prefers_english(header)) << header;
  }
  for (const auto* header : {"", "ko", "ko-KR,ko;q=0.9,en-US;q=0.8", "en;q=0", "*", "en,ko", "eng", "fr",
                             ";;;,,,", "en;q=2", "en;q=", "en;x=1", "*,en;q=0.9"}) {
    EXPECT_FALSE(prefers_english(header)) << header;
  }
}

}  // namespace
}  // namespace bongsu::http
