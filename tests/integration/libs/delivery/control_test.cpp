#include "engine_world.hpp"

#include <bongsu/events/codec.hpp>
#include <bongsu/events/v1/job_control.pb.h>
#include <bongsu/events/v1/result.pb.h>

namespace bongsu::delivery {
namespace {

using events::v1::DeliveryResult;
using events::v1::JobControl;

const auto kEmail = events::Channel::kEmail;

class ControlTest : public EngineTest {
 protected:
  void say(const std::string& job, std::uint64_t revision, JobControl::State state) {
    JobControl control;
    control.set_job_id(job);
    control.set_revision(revision);
    control.set_state(state);
    kafka::Record record{.topic = topics_.job_control(), .key = job, .value = events::encode(control)};
    record.headers = events::make_headers(
        {.id = job, .source = "/bongsu/jobs", .type = std::string{events::type::kJobControl}});
    kafka_.produce({record});
  }
  void bulk(int count, const std::string& recipient, const std::string& job) {
    publish(topics_.bulk(kEmail), count, recipient, R"(,"jobId":")" + job + "\"");
  }
  void run_until_known(const std::string& job, JobState state) {
    run_until("the control is known", [&] {
      return std::ranges::all_of(members_, [&](const auto& member) {
        return member->controls->ready() && member->controls->state_of(job) == state;
      });
    });
  }
  std::size_t accepted_of(const std::string& recipient) const {
    std::size_t sum = 0;
    for (const auto& [to, count] : provider_.accepted)
      sum += to.starts_with(recipient) ? static_cast<std::size_t>(count) : 0;
    return sum;
  }
  std::size_t calls_of(const std::string& recipient) const {
    std::size_t sum = 0;
    for (const auto& [to, count] : provider_.calls)
      sum += to.starts_with(recipient) ? static_cast<std::size_t>(count) : 0;
    return sum;
  }
  /// By job: how many results with this outcome, once there are `count` results in all.
  std::map<std::string, int> results(DeliveryResult::Outcome outcome, std::size_t count) {
    std::map<std::string, int> by_job;
    for (const auto& message : await(topics_.result(), count)) {
      const auto result = events::decode<DeliveryResult>(message.value, events::ContentType::kProtobuf);
      if (result->outcome() == outcome) ++by_job[result->job_id()];
    }
    return by_job;
  }
};

TEST_F(ControlTest, WhatWasSaidBeforeTheStartHoldsForTheFirstRecord) {
  say("paused", 1, JobControl::RUNNING);
  say("paused", 2, JobControl::PAUSED);
  say("cancelled", 5, JobControl::CANCELLED);
  say("cancelled", 4, JobControl::RUNNING);  // late: a smaller revision
  say("over", 9, JobControl::ENDED);
  settings_.retry_delays = {1h, 1h};
  bulk(20, "p", "paused");
  bulk(20, "c", "cancelled");
  bulk(20, "e", "over");
  bulk(20, "u", "unknown");
  join();
  EXPECT_EQ(results(DeliveryResult::HELD, 80), (std::map<std::string, int>{{"paused", 20}}));
  EXPECT_EQ(results(DeliveryResult::SUPPRESSED, 80), (std::map<std::string, int>{{"cancelled", 20}}));
  EXPECT_EQ(calls_of("p") + calls_of("c"), 0U);
  expect_each_once(20, "e");
  expect_each_once(20, "u");

  const auto copies = await(topics_.retry(kEmail, 0), 20);
  for (const auto& copy : copies) {
    EXPECT_EQ(find(copy.headers, events::header::kAttempt), "1");
    EXPECT_EQ(find(copy.headers, events::header::kRound), "1");
  }
}

TEST_F(ControlTest, APauseEmptiesTheQueueWithinTwoSecondsLetsAnotherJobPassAndEndsWithAllSent) {
  provider_.latency = 100ms;  // 15 s for all of them, however late Kafka brings the pause
  provider_.at_once = 2;
  say("a", 1, JobControl::RUNNING);
  bulk(300, "a", "a");
  join();
  run_until("some are through", [&] { return accepted_of("a") >= 20; });
  bulk(50, "b", "b");
  say("a", 2, JobControl::PAUSED);
  run_until_known("a", JobState::kPaused);
  const auto known_at = clock_.monotonic();
  const auto calls = calls_of("a");
  ASSERT_LT(calls, 300U);
  provider_.latency = 5ms;
  run_until("the other job passes", [&] { return accepted_of("b") == 50; });
  EXPECT_LE(calls_of("a"), calls + 2);  // what was on the wire
  EXPECT_LT(clock_.monotonic() - known_at, 20s);
  // Held again whenever their delay is over.
  EXPECT_GE(results(DeliveryResult::HELD, 350)["a"], 300 - static_cast<int>(accepted_of("a")));
  say("a", 3, JobControl::RUNNING);
  run_until("all are through", [&] { return accepted_of("a") == 300; });
  expect_each_once(300, "a");
  expect_each_once(50, "b");
}

TEST_F(ControlTest, ACancelledJobsRestIsSuppressedAndARestartedMemberSendsNothingOfIt) {
  provider_.latency = 100ms;  // 15 s for all of them, however late Kafka brings the end
  provider_.at_once = 2;
  bulk(300, "a", "a");
  auto& first = join();
  run_until("some are through", [&] { return accepted_of("a") >= 20; });
  say("a", 1, JobControl::CANCELLED);
  run_until_known("a", JobState::kCancelled);
  const auto known_at = clock_.monotonic();
  ASSERT_LT(calls_of("a"), 300U);
  const auto suppressed = results(DeliveryResult::SUPPRESSED, 300);
  EXPECT_EQ(suppressed.at("a"), 300 - static_cast<int>(accepted_of("a")));
  EXPECT_LT(clock_.monotonic() - known_at, 30s);
  stop(first);
  const auto sent = calls_of("a");
  join();
  bulk(20, "a-late", "a");
  bulk(20, "b", "b");
  run_until("the other job passes", [&] { return accepted_of("b") == 20; });
  EXPECT_EQ(results(DeliveryResult::SUPPRESSED, 340).at("a"), 320 - static_cast<int>(sent));
  EXPECT_EQ(calls_of("a"), sent);
}

TEST_F(ControlTest, BetweenTwoTriesControlIsLookedAtAgain) {
  settings_.retry = {.max_tries = 1'000, .first_delay = 100ms, .multiplier = 1};
  settings_.retry_delays = {1h, 1h};
  settings_.breaker.run = 10'000;
  say("a", 1, JobControl::RUNNING);
  bulk(3, "away", "a");
  join();
  run_until("each was tried", [&] { return total(provider_.calls) >= 6; });
  say("a", 2, JobControl::PAUSED);
  EXPECT_EQ(results(DeliveryResult::HELD, 3), (std::map<std::string, int>{{"a", 3}}));
  EXPECT_LT(total(provider_.calls), 3'000U);
}

TEST_F(ControlTest, WhatSaysNothingIsLeftOut) {
  say("a", 1, JobControl::PAUSED);
  kafka_.produce({{.topic = topics_.job_control(), .key = "a", .value = "?"}});
  say("b", 1, JobControl::CANCELLED);
  kafka_.produce({{.topic = topics_.job_control(), .key = "b", .null_value = true}});
  join();
  run_until_known("a", JobState::kPaused);
  run_until_known("b", JobState::kUnknown);
}

}  // namespace
}  // namespace bongsu::delivery
