// What Kafka brings, counted once, whatever happens in between.
#include "jobs_world.hpp"

#include <bongsu/events/headers.hpp>

#include <algorithm>
#include <random>

#include <gtest/gtest.h>
#include <support/process/eventually.hpp>

namespace bongsu::jobs {
namespace {

using namespace std::chrono_literals;
using events::v1::DeliveryResult;
using events::v1::JobControl;

bool completed(const v1::Job& job) { return job.has_complete_time(); }

class Counting : public testing::Test {
 protected:
  Counting() { world_.start(); }

  /// Where each dead letter came from, and its reason: what is read again after a rebalance is buried again.
  std::map<std::string, std::string> dead_letters() {
    namespace header = events::header;
    std::map<std::string, std::string> reasons;
    for (const auto& letter : world_.kafka.read_all(world_.kafka.prefix() + "events.dlq")) {
      std::string origin;
      for (const auto part : {header::kErrorTopic, header::kErrorPartition, header::kErrorOffset})
        origin += std::string{find(letter.headers, part).value_or("")} + "/";
      reasons[origin] = std::string{find(letter.headers, header::kReason).value_or("")};
    }
    return reasons;
  }

  JobsWorld world_;
};

TEST_F(Counting, AJobThatTheGatewayCountedGoesToItsEnd) {
  const auto job = world_.create(25);
  EXPECT_EQ(world_.get(job).state(), v1::Job::IN_PROGRESS);
  EXPECT_EQ(world_.get(job).pending_count(), 25);
  const auto event = world_.requested(job);
  EXPECT_EQ(event.total_count(), 25U);
  EXPECT_EQ(event.age_group(), "TWENTIES");
  EXPECT_EQ(event.fallback(), events::v1::SMS);
  EXPECT_EQ(event.sealed().find("비밀"), std::string::npos);

  world_.publish({world_.page(job, 0, 20, false, {{3, "no_consent"}})});
  world_.until(job, [](const v1::Job& now) { return now.state() == v1::Job::PROCESSING_BATCH; });
  world_.publish({world_.page(job, 1, 5, true)});
  world_.until(job, [](const v1::Job& now) { return now.state() == v1::Job::SENDING_MESSAGES; });
  world_.publish(world_.delivered(job, 0, 0, 3));
  world_.publish(world_.delivered(job, 0, 4, 20));
  world_.publish(world_.delivered(job, 1, 0, 5));
  const auto end = world_.until(job, completed);
  EXPECT_EQ(end.state(), v1::Job::COMPLETED);
  EXPECT_EQ(end.success_count(), 24);
  EXPECT_EQ(end.suppressed_count(), 1);
  EXPECT_EQ(end.suppressed_by_reason(0).reason(), "no_consent");
  world_.until_control(job, JobControl::ENDED);
  const auto controls = world_.controls(job, 2);
  for (std::size_t i = 1; i < controls.size(); ++i) {
    EXPECT_GE(controls[i].revision(), controls[i - 1].revision());
    // Said again it is the same.
    if (controls[i].revision() == controls[i - 1].revision()) {
      EXPECT_EQ(controls[i].state(), controls[i - 1].state());
      EXPECT_EQ(controls[i].pages_allowed(), controls[i - 1].pages_allowed());
    }
  }
  EXPECT_EQ(world_.log_of().find("비밀"), std::string::npos);
}

TEST_F(Counting, AJobWithoutACountWaitsForTheGateways) {
  const auto job = world_.create({}, true);
  EXPECT_EQ(world_.get(job).state(), v1::Job::CREATED);
  world_.publish({world_.count(job, 100, {{"no_consent", 7}, {"inactive", 2}})});
  const auto planned = world_.until(job, [](const v1::Job& now) { return now.state() == v1::Job::PLANNED; });
  EXPECT_EQ(planned.total_count(), 100);
  EXPECT_EQ(planned.suppressed_count(), 9);
  EXPECT_EQ(planned.pending_count(), 91);
  EXPECT_EQ(planned.estimated_duration().seconds(), 55) << "91 at 100 a minute";
  world_.until_control(job, JobControl::HELD);
  ASSERT_TRUE(world_.act<v1::StartJobRequest>(job));
  world_.until_control(job, JobControl::RUNNING, 50);
}

TEST_F(Counting, AReplayedLetterMovesFromFailureToSuccessAndItsJobMayStillComplete) {
  const auto job = world_.create(10);
  world_.publish({world_.page(job, 0, 10, true)});
  world_.publish(world_.delivered(job, 0, 0, 8));
  world_.publish(world_.results(job, 0, 8, 10, DeliveryResult::DEAD));
  const auto ended = world_.until(job, completed);
  EXPECT_EQ(ended.state(), v1::Job::PARTIALLY_FAILED);
  EXPECT_EQ(ended.failure_count(), 2);

  // Replays are generations of their own: the first is delivered, the second dies once more, then falls back.
  world_.publish(world_.results(job, 0, 8, 9, DeliveryResult::DELIVERED, 1));
  world_.publish(world_.results(job, 0, 9, 10, DeliveryResult::DEAD, 1));
  const auto better = world_.until(job, [](const v1::Job& now) { return now.success_count() == 9; });
  EXPECT_EQ(better.state(), v1::Job::PARTIALLY_FAILED);
  EXPECT_EQ(better.failure_count(), 1);
  world_.publish(world_.results(job, 0, 9, 10, DeliveryResult::FELL_BACK, 2));
  world_.publish(world_.results(job, 0, 9, 10, DeliveryResult::DELIVERED, 2));
  const auto whole = world_.until(job, [](const v1::Job& now) { return now.state() == v1::Job::COMPLETED; });
  EXPECT_EQ(whole.success_count(), 10);
  EXPECT_EQ(whole.failure_count(), 0);
  EXPECT_EQ(whole.complete_time().seconds(), ended.complete_time().seconds());
  // What comes late of an earlier generation changes nothing.
  world_.publish(world_.results(job, 0, 8, 9, DeliveryResult::DEAD, 0));
  world_.publish(world_.results(job, 0, 9, 10, DeliveryResult::DEAD, 1));
  v1::ListJobFailuresRequest failures;
  failures.set_parent("jobs/" + job);
  EXPECT_EQ(world_.ask<v1::ListJobFailuresResponse>(failures)->failures_size(), 0);
  EXPECT_EQ(world_.get(job).state(), v1::Job::COMPLETED);
}

TEST_F(Counting, ResultsThriceOutOfOrderAndBeforeTheJobsOwnEventsCountOnce) {
  const auto job = world_.create(3000);
  std::vector<kafka::Record> records;
  for (std::uint32_t page = 0; page < 3; ++page) {
    for (int times = 0; times < 3; ++times) {
      for (auto& one : world_.delivered(job, page, 0, 900)) records.push_back(std::move(one));
      for (auto& one : world_.results(job, page, 900, 980, DeliveryResult::DEAD))
        records.push_back(std::move(one));
      for (auto& one : world_.results(job, page, 980, 1000, DeliveryResult::UNKNOWN))
        records.push_back(std::move(one));
      for (auto& one : world_.results(job, page, 0, 50, DeliveryResult::FELL_BACK))
        records.push_back(std::move(one));
      for (auto& one : world_.results(job, page, 0, 50, DeliveryResult::RETRYING))
        records.push_back(std::move(one));
    }
  }
  std::ranges::shuffle(records, std::mt19937{7});
  world_.publish(std::move(records));
  world_.until(job, [](const v1::Job& now) { return now.pending_count() == 0; });
  EXPECT_FALSE(world_.get(job).has_complete_time()) << "the gateway has not told of its pages";
  world_.publish({world_.page(job, 2, 1000, true), world_.page(job, 0, 1000, false),
                  world_.page(job, 1, 1000, false), world_.page(job, 2, 1000, true)});
  const auto end = world_.until(job, completed);
  EXPECT_EQ(end.state(), v1::Job::PARTIALLY_FAILED);
  EXPECT_EQ(end.success_count(), 2700);
  EXPECT_EQ(end.failure_count(), 240);
  EXPECT_EQ(end.unknown_count(), 60);
  EXPECT_EQ(end.fallback_count(), 150);

  world_.publish(world_.results(job, 0, 900, 1000, DeliveryResult::DELIVERED, 1));
  world_.until(job, [](const v1::Job& now) { return now.success_count() == 2800; });
  for (std::uint32_t page = 1; page < 3; ++page)
    world_.publish(world_.results(job, page, 900, 1000, DeliveryResult::DELIVERED, 1));
  world_.until(job, [](const v1::Job& now) { return now.state() == v1::Job::COMPLETED; });
  EXPECT_EQ(world_.column("SELECT count(*)::text FROM failure").at(0), "0");
}

TEST_F(Counting, APageOfAJobThatIsNotKnownYetIsKept) {
  const std::string unknown = "01936f00-0000-7000-8000-00000000000a";
  world_.publish({world_.page(unknown, 0, 10, true)});
  world_.publish(world_.delivered(unknown, 0, 0, 10));
  const auto job = world_.create(1);
  world_.publish({world_.page(job, 0, 1, true)});
  world_.publish(world_.delivered(job, 0, 0, 1));
  world_.until(job, completed);
  support::eventually("its results are counted", [&] {
    return world_.column("SELECT success::text FROM page WHERE job_id = '" + unknown + "'") ==
           std::vector<std::string>{"10"};
  });
}

TEST_F(Counting, CreditFollowsWhatIsAccountedFor) {
  const auto job = world_.create(100'000);
  world_.until_control(job, JobControl::RUNNING, 50);
  std::vector<kafka::Record> records;
  for (std::uint32_t page = 0; page < 12; ++page) {
    records.push_back(world_.page(job, page, 5, false));
    for (auto& one : world_.delivered(job, page, 0, 5)) records.push_back(std::move(one));
  }
  world_.publish(std::move(records));
  world_.until_control(job, JobControl::RUNNING, 60);
}

TEST_F(Counting, WhatCannotBeUsedIsADeadLetterAndHoldsNobodyUp) {
  const auto job = world_.create(2);
  auto undecodable = world_.page(job, 0, 2, true);
  undecodable.value = "\xFF\xFF not protobuf";
  auto no_page = world_.page("not a uuid", 0, 2, true);
  auto too_large = world_.page(job, 0, 1001, true);
  auto of_a_job = world_.record(world_.result(job, 0, 0, DeliveryResult::DELIVERED));
  of_a_job.value = "?";
  auto out_of_range = world_.record(world_.result(job, 0, 1000, DeliveryResult::DELIVERED));
  world_.publish({undecodable, no_page, too_large, of_a_job, out_of_range});
  world_.publish({world_.page(job, 0, 2, true)});
  world_.until(job, [](const v1::Job& now) { return now.state() == v1::Job::SENDING_MESSAGES; });
  world_.publish({world_.record(world_.result(job, 0, 2, DeliveryResult::DELIVERED))});  // the page has two
  world_.publish(world_.delivered(job, 0, 0, 2));
  EXPECT_EQ(world_.until(job, completed).success_count(), 2);
  std::map<std::string, std::string> letters;
  support::eventually("there are six dead letters", [&] {
    letters = dead_letters();
    return letters.size() >= 6;
  });
  std::map<std::string, int> reasons;
  for (const auto& [origin, reason] : letters) ++reasons[reason];
  EXPECT_EQ(reasons["undecodable"], 2);
  EXPECT_EQ(reasons["invalid_request"], 4);
}

TEST_F(Counting, TwoReplicasKilledAndRebalancedUnderLoadCountExactly) {
  constexpr std::uint32_t kPages = 40;
  const auto job = world_.create(kPages * 1000);
  std::vector<kafka::Record> records;
  for (std::uint32_t page = 0; page < kPages; ++page) {
    records.push_back(world_.page(job, page, 1000, page + 1 == kPages));
    for (auto& one : world_.delivered(job, page, 0, 990)) records.push_back(std::move(one));
    for (auto& one : world_.results(job, page, 990, 1000, DeliveryResult::DEAD))
      records.push_back(std::move(one));
  }
  std::ranges::shuffle(records, std::mt19937{11});
  const auto slice = records.size() / 8;
  for (std::size_t part = 0; part < 8; ++part) {
    const auto first = records.begin() + static_cast<std::ptrdiff_t>(part * slice);
    const auto last = part == 7 ? records.end() : first + static_cast<std::ptrdiff_t>(slice);
    world_.publish({first, last});
    if (part == 1) world_.start("#2");
    if (part == 3) world_.kill("#2");
    if (part == 4) world_.start("#2");
    if (part == 5) {
      EXPECT_EQ(world_.stop("#2"), 0);
      world_.start("#2");
    }
    EXPECT_TRUE(adds_up(world_.get(job)));
  }
  const auto end = world_.until(job, completed, 60s);
  EXPECT_EQ(end.success_count(), kPages * 990);
  EXPECT_EQ(end.failure_count(), kPages * 10);
  EXPECT_EQ(world_.column("SELECT count(*)::text FROM failure").at(0), std::to_string(kPages * 10));
}

}  // namespace
}  // namespace bongsu::jobs
