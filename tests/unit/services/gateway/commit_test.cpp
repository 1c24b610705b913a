#include "group_commit.hpp"

#include <gtest/gtest.h>

namespace bongsu::gateway {
namespace {

Uuid id(unsigned char number) {
  std::array<unsigned char, 16> bytes{};
  bytes[15] = number;
  return Uuid{bytes};
}

struct Item {
  Uuid id;
  std::vector<Uuid> identities;
  Uuid body;
};

/// A table of identities, as PostgreSQL would keep it.
class Table final : public Store<Item> {
 public:
  std::map<Uuid, Item> rows;
  std::set<Uuid> poisonous;    // items by id
  std::deque<Error> troubles;  // of the next inserts
  bool loses_answers = false;
  std::vector<std::size_t> batches;
  Error look_up_trouble;
  bool look_up_fails = false;

  asio::awaitable<Result<std::vector<bool>>> insert(Items items, Deadline) override {
    batches.push_back(items.size());
    if (!troubles.empty()) {
      const auto trouble = troubles.front();
      troubles.pop_front();
      co_return std::unexpected(trouble);
    }
    auto copy = rows;
    std::vector<bool> inserted;
    for (const auto* item : items) {
      if (poisonous.contains(item->id)) co_return fail(ErrorCode::kInvalidArgument, "bad", "22021");
      const bool is_new = !copy.contains(item->identities[0]);
      inserted.push_back(is_new);
      if (!is_new) continue;
      for (const auto& identity : item->identities) {
        if (!copy.emplace(identity, *item).second) co_return fail(ErrorCode::kAlreadyExists, "key", "23505");
      }
    }
    rows = std::move(copy);
    if (loses_answers) {
      loses_answers = false;
      co_return fail(ErrorCode::kUnavailable, "connection lost", "08006", Sent::kMaybe);
    }
    co_return inserted;
  }

  asio::awaitable<Result<std::vector<std::optional<Verdict>>>> look_up(Items items, Deadline) override {
    if (look_up_fails) co_return std::unexpected(look_up_trouble);
    std::vector<std::optional<Verdict>> verdicts;
    for (const auto* item : items) {
      std::optional<Verdict> verdict;
      for (const auto& identity : item->identities) {
        const auto hit = rows.find(identity);
        if (hit == rows.end()) continue;
        if (hit->second.body != item->body)
          verdict = Verdict{Verdict::Kind::kBodyDiffers, {}, {}};
        else if (hit->second.id == item->id)
          verdict = Verdict{Verdict::Kind::kStored, item->id, {}};
        else if (!verdict)
          verdict = Verdict{Verdict::Kind::kReplayed, hit->second.id, {}};
      }
      verdicts.push_back(verdict);
    }
    co_return verdicts;
  }
};

std::vector<Verdict> commit_all(Table& table, std::vector<Item> items) {
  std::vector<Verdict> verdicts;
  asio::io_context io;
  asio::co_spawn(io, commit<Item>(table, std::move(items), Deadline::max()),
                 [&](std::exception_ptr, std::vector<Verdict> got) { verdicts = std::move(got); });
  io.run();
  return verdicts;
}

using Kind = Verdict::Kind;

TEST(Commit, DifferentRequestsShareOneTransaction) {
  Table table;
  const auto verdicts = commit_all(table, {{id(1), {id(11)}, id(21)}, {id(2), {id(12)}, id(22)}});
  EXPECT_EQ(verdicts[0].kind, Kind::kStored);
  EXPECT_EQ(verdicts[1].id, id(2));
  EXPECT_EQ(table.batches, (std::vector<std::size_t>{2}));
}

TEST(Commit, TheSameKeyAndBodyIsStoredOnceAndAnsweredAlike) {
  Table table;
  const auto verdicts =
      commit_all(table, {{id(1), {id(11)}, id(21)}, {id(2), {id(11)}, id(21)}, {id(3), {id(11)}, id(21)}});
  EXPECT_EQ(verdicts[0].kind, Kind::kStored);
  EXPECT_EQ(verdicts[1].kind, Kind::kReplayed);
  EXPECT_EQ(verdicts[2].kind, Kind::kReplayed);
  EXPECT_EQ(verdicts[2].id, id(1));
  EXPECT_EQ(table.batches, (std::vector<std::size_t>{1}));
}

TEST(Commit, TheSameKeyWithAnotherBodyIsAConflict) {
  Table table;
  const auto verdicts = commit_all(table, {{id(1), {id(11)}, id(21)}, {id(2), {id(11)}, id(22)}});
  EXPECT_EQ(verdicts[1].kind, Kind::kBodyDiffers);
}

TEST(Commit, ASecondKeyThatIsKnownFailsItsOwnRequestOnly) {
  Table table;
  commit_all(table, {{id(1), {id(11), id(19)}, id(21)}});
  const auto verdicts = commit_all(
      table, {{id(2), {id(12)}, id(22)}, {id(3), {id(13), id(19)}, id(23)}, {id(4), {id(14)}, id(24)}});
  EXPECT_EQ(verdicts[0].kind, Kind::kStored);
  EXPECT_EQ(verdicts[1].kind, Kind::kBodyDiffers);
  EXPECT_EQ(verdicts[2].kind, Kind::kStored);
  EXPECT_FALSE(table.rows.contains(id(13)));
}

TEST(Commit, OneBadRowFailsItsOwnRequestOnly) {
  Table table;
  table.poisonous = {id(5)};
  std::vector<Item> items;
  for (unsigned char i = 0; i < 9; ++i)
    items.push_back({id(i), {id(static_cast<unsigned char>(100 + i))}, id(200)});
  const auto verdicts = commit_all(table, items);
  for (std::size_t i = 0; i < 9; ++i)
    EXPECT_EQ(verdicts[i].kind, i == 5 ? Kind::kFailed : Kind::kStored) << i;
}

TEST(Commit, WaitsInLineForARequestThatFailed) {
  Table table;
  table.poisonous = {id(1)};
  const auto verdicts = commit_all(table, {{id(1), {id(11)}, id(21)}, {id(2), {id(11)}, id(22)}});
  EXPECT_EQ(verdicts[0].kind, Kind::kFailed);
  EXPECT_EQ(verdicts[1].kind, Kind::kStored) << "a failed request leaves nothing behind its key";
}

TEST(Commit, ALostAnswerIsLookedUp) {
  Table table;
  table.loses_answers = true;
  const auto verdicts = commit_all(table, {{id(1), {id(11)}, id(21)}, {id(2), {id(12)}, id(22)}});
  EXPECT_EQ(verdicts[0].kind, Kind::kStored);
  EXPECT_EQ(verdicts[1].kind, Kind::kStored);
  EXPECT_EQ(table.batches.size(), 1U);
}

TEST(Commit, WhatWasLostForGoodIsStoredAgain) {
  Table table;
  table.troubles = {Error{.code = ErrorCode::kUnavailable, .sent = Sent::kMaybe}};
  const auto verdicts = commit_all(table, {{id(1), {id(11)}, id(21)}});
  EXPECT_EQ(verdicts[0].kind, Kind::kStored);
  EXPECT_EQ(table.batches.size(), 2U);
}

TEST(Commit, AServerThatIsAwayFailsAllOfThem) {
  Table table;
  table.troubles = {Error{.code = ErrorCode::kUnavailable}};
  const auto verdicts = commit_all(table, {{id(1), {id(11)}, id(21)}, {id(2), {id(12)}, id(22)}});
  EXPECT_EQ(verdicts[0].kind, Kind::kFailed);
  EXPECT_EQ(verdicts[1].error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(table.batches.size(), 1U);
}

TEST(Commit, AKeyThatAnotherReplicaHoldsIsInProgress) {
  Table table;
  table.troubles = {Error{.code = ErrorCode::kConflict, .detail = "55P03"}};
  EXPECT_EQ(commit_all(table, {{id(1), {id(11)}, id(21)}})[0].kind, Kind::kInProgress);
}

TEST(CommitPlan, GoesOutInTheOrderOfTheKeys) {
  const std::vector<std::vector<Uuid>> identities{{id(3)}, {id(1), id(9)}, {id(2)}, {id(9), id(4)}, {id(4)}};
  const auto plan =
      plan_commit({0, 1, 2, 3, 4}, [&](std::size_t i) -> const std::vector<Uuid>& { return identities[i]; });
  EXPECT_EQ(plan.leaders, (std::vector<std::size_t>{1, 2, 0}));
  EXPECT_EQ(plan.followers, (std::vector<std::size_t>{3, 4}));
}

}  // namespace
}  // namespace bongsu::gateway
