// What happens to jobs while they are being sent: kills, pauses, a cancellation, somebody else's signup.
#include "bulk_world.hpp"

#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <utility>

namespace bongsu::support {
namespace {

TEST_F(Bulk, CountsAddUpAtEveryMomentWhilePartsAreKilled) {
  be_slow(50);
  start();
  stack_.import_crowd(6000);
  const auto job = send();
  std::atomic<bool> stop{false};
  std::atomic<int> read{0};
  std::thread reader{[&] {
    while (!stop) {
      const auto now = counts(job);
      if (!now) continue;
      ++read;
      EXPECT_TRUE(now->add_up()) << now->success << " " << now->pending;
      EXPECT_GE(now->pending, 0);
    }
  }};
  std::minstd_rand dice{20261121};
  const std::array parts{"jobs", "kakao", "gateway"};
  for (int kill = 0; kill < 6; ++kill) {
    const auto before = stack_.simulator().stats("kakao").accepted;
    eventually("something is sent",
               [&] { return stack_.simulator().stats("kakao").accepted > before + 100; });
    const auto* part = parts.at(dice() % parts.size());
    stack_.kill(part);
    stack_.start(part);
  }
  stack_.simulator().settings(R"({"delayMs":0})");
  const auto end = wait_for_end(job);
  stop = true;
  reader.join();
  EXPECT_GT(read, 5);
  EXPECT_EQ(end.status, "COMPLETED");
  EXPECT_EQ(end.success, 6000);
  EXPECT_EQ(stack_.simulator().stats("kakao").unique, 6000);
}

TEST_F(Bulk, APausedJobSendsNothingAnotherOneGoesOnAndACancelledOneIsCountedOut) {
  be_slow(50);
  start();
  stack_.import_crowd(4000);
  const auto job = send();
  eventually("it is sending", [&] { return stack_.simulator().stats("kakao").accepted > 100; });
  ASSERT_EQ(stack_.ctl("job pause " + job).exit_code, 0);
  // Who holds one knows of the pause: what is on the wire ends, and nothing more comes, although the lane is
  // full of it.
  std::int64_t requests = -1;
  eventually("sending has stopped", [&] {
    const auto stats = stack_.simulator().stats("kakao");
    return std::exchange(requests, stats.requests) == stats.requests && stats.in_flight == 0 &&
           stack_.count("SELECT count(*) FROM kakao.ledger WHERE outcome = 6") > 0;
  });
  const auto sent = stack_.simulator().stats("kakao").accepted;
  EXPECT_LT(sent, 4000);
  EXPECT_EQ(counts_now(job).status, "PAUSED");

  stack_.simulator().settings(R"({"delayMs":0})");
  const auto other =
      stack_.ctl("-o json job create --age-group TWENTIES --channel KAKAO --message 'other' --watch");
  EXPECT_EQ(other.exit_code, 0) << other.error;
  EXPECT_EQ(stack_.simulator().stats("kakao").accepted, sent + 4000);

  // A channel that starts anew knows of the pause.
  stack_.kill("kakao");
  stack_.start("kakao");
  ASSERT_EQ(stack_.ctl("job resume " + job).exit_code, 0);
  const auto cancelled = stack_.ctl("-o json job cancel " + job);
  ASSERT_EQ(cancelled.exit_code, 0) << cancelled.error;
  EXPECT_EQ(boost::json::parse(cancelled.output).at("state").as_string(), "CANCELLED");
  const auto end = wait_for_end(job);
  EXPECT_EQ(end.status, "CANCELLED");
  EXPECT_TRUE(end.add_up());
  EXPECT_EQ(end.success + end.suppressed, 4000);
  EXPECT_EQ(stack_.ctl("job pause " + job).exit_code, 4);
}

TEST_F(Bulk, WhatFellBackToSmsIsPausedWithItsJob) {
  stack_.environment["MESSAGE_RETRY_MAX_ATTEMPTS"] = "1";
  for (const auto* service : {"gateway", "jobs", "kakao"}) stack_.start(service);
  stack_.import_crowd(40);
  stack_.simulator().put_faults(R"([{"channel":"kakao","status":503}])");
  const auto job = send();
  eventually("all have fallen back",
             [&] { return stack_.count("SELECT count(*) FROM kakao.ledger WHERE outcome = 7") == 40; });
  ASSERT_EQ(stack_.ctl("job pause " + job).exit_code, 0);
  stack_.start("sms");
  eventually("sms holds them",
             [&] { return stack_.count("SELECT count(*) FROM sms.ledger WHERE outcome = 6") == 40; });
  EXPECT_EQ(stack_.simulator().stats("sms").requests, 0);
  ASSERT_EQ(stack_.ctl("job resume " + job).exit_code, 0);
  const auto end = wait_for_end(job);
  EXPECT_EQ(end.status, "COMPLETED");
  EXPECT_EQ(end.success, 40);
  EXPECT_EQ(stack_.simulator().stats("sms").unique, 40);
}

TEST_F(Bulk, SignupsMailsAreNotBehindTwoJobs) {
  be_slow(10);
  start();
  stack_.start("email");
  stack_.import_crowd(3000);
  send();
  send(R"(,"channel":"SMS")");
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(stack_.sign_up("new" + std::to_string(i) + "@example.com", "New").status, 201);
  }
  for (int i = 0; i < 10; ++i) {
    eventually("the mail is there",
               [&] { return stack_.mails_to("new" + std::to_string(i) + "@example.com") == 1; });
  }
  EXPECT_LT(stack_.simulator().stats("kakao").accepted + stack_.simulator().stats("sms").accepted, 6000);
}

}  // namespace
}  // namespace bongsu::support
