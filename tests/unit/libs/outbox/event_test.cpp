#include <bongsu/outbox/columns.hpp>
#include <bongsu/outbox/event.hpp>

#include <gtest/gtest.h>

namespace bongsu::outbox {
namespace {

TEST(Headers, ComeBackAsTheyWere) {
  const Headers headers{{"ce_id", "0193"},
                        {"", ""},
                        {"twice", "a"},
                        {"twice", std::string("\0\xff", 2)},
                        {std::string(127, 'n'), std::string(128, 'v')},
                        {"long", std::string(70'000, 'x')}};
  const auto decoded = decode_headers(encode(headers));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, headers);
}

TEST(Headers, NoneAreNoBytes) {
  EXPECT_EQ(encode({}), "");
  EXPECT_TRUE(decode_headers("")->empty());
}

TEST(Headers, CutAnywhereAreRefused) {
  const auto bytes = encode({{"name", "value"}, {"other", std::string(200, 'v')}});
  const auto whole = encode({{"name", "value"}}).size();
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    const auto decoded = decode_headers(std::string_view{bytes}.substr(0, length));
    EXPECT_EQ(decoded.has_value(), length == whole) << length;
  }
}

TEST(Headers, LengthThatNeverEndsIsRefused) {
  EXPECT_FALSE(decode_headers(std::string(12, '\xff')));
  EXPECT_FALSE(decode_headers("\xff\xff\xff\xff\x0f name"));
}

TEST(Columns, AreAsManyParametersAsTheStatementTakes) {
  Columns columns;
  columns.add(Uuid{}, {.id = Uuid{}, .topic = "t", .key = "k", .headers = {{"a", "b"}}, .value = "v"});
  postgres::Params params = postgres::Params::of(1, 2);
  columns.append_to(params);
  EXPECT_EQ(params.size(), 2U + Columns::kParameters);
  const auto sql = insert_sql("inserted", 3);
  EXPECT_NE(sql.find("$3::uuid[]"), std::string::npos);
  EXPECT_NE(sql.find("$8::bytea[]"), std::string::npos);
  EXPECT_EQ(sql.find("$9"), std::string::npos);
}

TEST(Position, OrdersByTransactionThenSequence) {
  EXPECT_LT((Position{{1}, 9}), (Position{{2}, 1}));
  EXPECT_LT((Position{{2}, 1}), (Position{{2}, 2}));
}

}  // namespace
}  // namespace bongsu::outbox
