#include <bongsu/rpc/pages.hpp>

#include <gtest/gtest.h>

namespace bongsu::rpc {
namespace {

TEST(Pages, ATokenGivesItsPositionBack) {
  const std::string position{"\x00\xFFplace", 7};
  const auto read = read_page_token(make_page_token("states=1", position), "states=1");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, position);
}

TEST(Pages, ATokenOfAnotherQueryIsRefusedAndSaysWhatToDo) {
  const auto read = read_page_token(make_page_token("states=1", "x"), "states=2");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(read.error().fields.at(0).reason, "page_token_of_another_query");
  for (const auto* forged : {"x", "", "AAAA", "%%%"}) EXPECT_FALSE(read_page_token(forged, "states=1"));
}

TEST(Pages, TheSizeHasADefaultAndAMost) {
  EXPECT_EQ(page_size_of(0).value(), 50);
  EXPECT_EQ(page_size_of(7).value(), 7);
  EXPECT_EQ(page_size_of(5000).value(), 1000);
  EXPECT_EQ(page_size_of(-1).error().fields.at(0).field, "page_size");
}

}  // namespace
}  // namespace bongsu::rpc
