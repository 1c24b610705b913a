#include "halving.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

/// A table that refuses the bad rows, and with one of them the whole statement.
struct Table {
  std::set<std::size_t> bad;
  ErrorCode trouble = ErrorCode::kInvalidArgument;
  std::vector<Range> written = {};
  int writes = 0;

  asio::awaitable<Result<std::vector<std::string>>> operator()(Range range) {
    ++writes;
    for (auto row = range.first; row < range.last; ++row) {
      if (bad.contains(row)) co_return fail(trouble, "refused");
    }
    written.push_back(range);
    co_return std::vector<std::string>(range.size(), "ok");
  }
};

std::vector<std::string> write_all(Table& table, std::size_t count) {
  auto alone = [](std::size_t row, const Error& error) { return error.message + " " + std::to_string(row); };
  std::vector<std::string> answers;
  asio::io_context io;
  asio::co_spawn(io, write_halving<std::string>(count, table, alone),
                 [&](std::exception_ptr, std::vector<std::string> got) { answers = std::move(got); });
  io.run();
  return answers;
}

TEST(Halving, GoodRowsAreOneWrite) {
  Table table;
  EXPECT_EQ(write_all(table, 64), std::vector<std::string>(64, "ok"));
  EXPECT_EQ(table.writes, 1);
}

TEST(Halving, NothingIsNoWrite) {
  Table table;
  EXPECT_TRUE(write_all(table, 0).empty());
  EXPECT_EQ(table.writes, 0);
}

TEST(Halving, OneBadRowFailsAloneWhereverItStands) {
  for (std::size_t bad = 0; bad < 13; ++bad) {
    Table table{.bad = {bad}};
    auto expected = std::vector<std::string>(13, "ok");
    expected[bad] = "refused " + std::to_string(bad);
    EXPECT_EQ(write_all(table, 13), expected);
    EXPECT_LE(table.writes, 9);
  }
}

TEST(Halving, SeveralBadRowsFailEachForItself) {
  Table table{.bad = {0, 5, 6, 15}};
  const auto answers = write_all(table, 16);
  for (std::size_t row = 0; row < 16; ++row) {
    EXPECT_EQ(answers[row] == "ok", !table.bad.contains(row)) << row;
  }
}

TEST(Halving, ATroubleOfTheServerIsNotSearchedFor) {
  Table table{.bad = {3}, .trouble = ErrorCode::kUnavailable};
  const auto answers = write_all(table, 8);
  EXPECT_EQ(table.writes, 1);
  EXPECT_EQ(answers[7], "refused 7");
}

}  // namespace
}  // namespace bongsu::gateway
