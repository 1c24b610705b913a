// What is refused, and that nothing is sent then.
#include "replay_world.hpp"

#include <gtest/gtest.h>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;

constexpr auto kNobody = "replays/01936f00-0000-7000-8000-00000000000f";

class ReplayRefusal : public testing::Test {
 protected:
  void TearDown() override { EXPECT_TRUE(world_.sent().empty()); }

  template <class Request>
  std::string refused(const Request& request) {
    return told(world_.ask<v1::Replay>(request));
  }
  static std::string told(const rpc::Answer<v1::Replay>& answer) {
    if (answer) return "accepted";
    auto text = std::string{name_of(answer.error().code)} + " " + answer.error().reason;
    for (const auto& field : answer.error().fields) text += " " + field.field + "=" + field.reason;
    EXPECT_FALSE(answer.error().message.empty());
    return text;
  }

  ReplayWorld world_;
};

TEST_F(ReplayRefusal, AWrongDigestARateOfZeroAndACanaryOfNothing) {
  world_.start();
  const auto plan = world_.plan(world_.bury(3));
  auto order = ReplayWorld::order(plan);
  order.set_digest("00");
  EXPECT_EQ(refused(order), "conflict digest_mismatch");
  EXPECT_EQ(refused(ReplayWorld::order(plan, 0)),
            "invalid_argument invalid_request rate_per_second=out_of_range");
  EXPECT_EQ(refused(ReplayWorld::order(plan, -1)),
            "invalid_argument invalid_request rate_per_second=out_of_range");
  order = ReplayWorld::order(plan);
  order.mutable_canary();
  EXPECT_EQ(
      refused(order),
      "invalid_argument invalid_request canary.count=out_of_range canary.min_success_ratio=out_of_range");
  EXPECT_EQ(world_.get(plan.name()).state(), v1::Replay::PLANNED);
}

TEST_F(ReplayRefusal, ARepairThatFitsNoLetterOrNoChannel) {
  world_.start();
  const auto letters = world_.bury(2);
  const auto plan = world_.plan({letters[0]});
  auto order = ReplayWorld::order(plan);
  order.add_repairs()->set_name("deadLetters/" + letters[1].letter);
  order.mutable_repairs(0)->set_recipient("new@example.com");
  EXPECT_EQ(refused(order), "invalid_argument invalid_request repairs.name=not_planned");
  order.mutable_repairs(0)->set_name(letters[0].letter);
  order.mutable_repairs(0)->set_recipient("010-1234-5678");
  EXPECT_EQ(refused(order), "invalid_argument invalid_request repairs.recipient=malformed_recipient");
}

TEST_F(ReplayRefusal, APlanThatHasExpired) {
  world_.environment["REPLAY_PLAN_VALID"] = "1s";
  world_.start();
  const auto plan = world_.plan(world_.bury(3));
  const auto expired = world_.until_state(plan, v1::Replay::EXPIRED);
  EXPECT_EQ(expired.returned_count(), 3);
  EXPECT_EQ(refused(ReplayWorld::order(plan)), "conflict plan_expired");
  v1::CancelReplayRequest cancel;
  cancel.set_name(plan.name());
  EXPECT_EQ(refused(cancel), "conflict not_running");
}

TEST_F(ReplayRefusal, WhatNobodyKnowsAndWhatMatchesNothing) {
  world_.start();
  v1::ExecuteReplayRequest order;
  order.set_name(kNobody);
  order.set_rate_per_second(1);
  EXPECT_EQ(refused(order), "not_found replay_not_found");
  v1::GetReplayRequest get;
  get.set_name("replays/x");
  EXPECT_EQ(refused(get), "invalid_argument invalid_request name=malformed_name");
  v1::CreateReplayRequest create;
  EXPECT_EQ(refused(create), "invalid_argument invalid_request filter=required");
  create.add_names("deadLetters/01936f00-0000-7000-8000-00000000000f");
  EXPECT_EQ(refused(create), "not_found letter_not_found");
  create.clear_names();
  create.mutable_filter()->add_channels("SMS");
  EXPECT_EQ(refused(create), "conflict nothing_matches");
  create.mutable_filter()->add_states(v1::DeadLetter::DISCARDED);
  EXPECT_EQ(refused(create), "invalid_argument invalid_request filter.states=not_open");
  EXPECT_EQ(world_.column("SELECT count(*)::text FROM deadletters.replay").front(), "0");
}

TEST_F(ReplayRefusal, WhoLacksTheRole) {
  world_.start();
  const auto plan = world_.plan(world_.bury(1));
  const auto reader = world_.token({"deadletter.read"});
  EXPECT_EQ(told(world_.ask<v1::Replay>(ReplayWorld::order(plan), reader)), "unauthorized permission_denied");
  v1::CreateReplayRequest create;
  create.mutable_filter();
  EXPECT_EQ(told(world_.ask<v1::Replay>(create, reader)), "unauthorized permission_denied");
  v1::GetReplayRequest get;
  get.set_name(plan.name());
  EXPECT_EQ(told(world_.ask<v1::Replay>(get, reader)), "accepted");
  EXPECT_EQ(told(world_.ask<v1::Replay>(get, world_.token({"job.read"}))), "unauthorized permission_denied");
}

TEST_F(ReplayRefusal, ListsComeInPagesBoundToTheirQuery) {
  world_.start();
  const auto letters = world_.bury(1);
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) names.push_back(world_.plan(letters).name());
  v1::ListReplaysRequest list;
  list.set_page_size(2);
  std::vector<std::string> seen;
  do {
    const auto page = world_.ask<v1::ListReplaysResponse>(list);
    ASSERT_TRUE(page) << page.error().message;
    for (const auto& replay : page->replays()) seen.push_back(replay.name());
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(seen, std::vector<std::string>(names.rbegin(), names.rend()));
  list.set_page_token(world_.ask<v1::ListReplaysResponse>(list)->next_page_token());
  list.add_states(v1::Replay::RUNNING);
  EXPECT_FALSE(world_.ask<v1::ListReplaysResponse>(list));
}

}  // namespace
}  // namespace bongsu::deadletters
