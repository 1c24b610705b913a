// JobService as its callers see it.
#include "jobs_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bongsu::jobs {
namespace {

using namespace std::chrono_literals;
using events::v1::DeliveryResult;
using events::v1::JobControl;

constexpr auto kNobody = "jobs/01936f00-0000-7000-8000-00000000000f";

class Api : public testing::Test {
 protected:
  Api() { world_.start(); }

  template <class Response, class Request>
  std::string refused(const Request& request) {
    const auto answer = world_.ask<Response>(request);
    if (answer) return "accepted";
    auto text = std::string{name_of(answer.error().code)} + " " + answer.error().reason;
    for (const auto& field : answer.error().fields) text += " " + field.field + "=" + field.reason;
    return text;
  }
  v1::CreateJobRequest with(const std::function<void(v1::CreateJobRequest&)>& change) {
    auto request = JobsWorld::request();
    change(request);
    return request;
  }

  JobsWorld world_;
};

TEST_F(Api, PauseResumeAndCancel) {
  const auto job = world_.create(5000);
  world_.publish({world_.page(job, 0, 1000, false)});
  world_.until(job, [](const v1::Job& now) { return now.state() == v1::Job::PROCESSING_BATCH; });
  EXPECT_EQ(world_.act<v1::PauseJobRequest>(job)->state(), v1::Job::PAUSED);
  world_.until_control(job, JobControl::PAUSED);
  EXPECT_EQ(world_.act<v1::PauseJobRequest>(job).error().code, ErrorCode::kConflict);
  EXPECT_EQ(world_.act<v1::ResumeJobRequest>(job)->state(), v1::Job::PROCESSING_BATCH);
  world_.until_control(job, JobControl::RUNNING);
  const auto cancelled = world_.act<v1::CancelJobRequest>(job);
  EXPECT_EQ(cancelled->state(), v1::Job::CANCELLED);
  EXPECT_FALSE(cancelled->has_complete_time());
  world_.until_control(job, JobControl::CANCELLED);

  world_.publish(world_.delivered(job, 0, 0, 400));
  world_.publish(world_.results(job, 0, 400, 1000, DeliveryResult::SUPPRESSED));
  world_.publish({world_.page(job, 1, 0, true)});
  const auto end = world_.until(job, [](const v1::Job& now) { return now.has_complete_time(); });
  EXPECT_EQ(end.state(), v1::Job::CANCELLED);
  EXPECT_EQ(end.success_count(), 400);
  EXPECT_EQ(end.suppressed_count(), 4600);
  EXPECT_EQ(end.suppressed_by_reason(0).reason(), "cancelled");
  const auto again = world_.act<v1::ResumeJobRequest>(job);
  EXPECT_EQ(again.error().reason, "job_state");
  EXPECT_NE(again.error().message.find("CANCELLED"), std::string::npos);
}

TEST_F(Api, AnEndedJobCannotBeChanged) {
  const auto job = world_.create(0);
  world_.publish({world_.page(job, 0, 0, true)});
  world_.until(job, [](const v1::Job& now) { return now.state() == v1::Job::COMPLETED; });
  for (const auto& answer : {world_.act<v1::StartJobRequest>(job), world_.act<v1::PauseJobRequest>(job),
                             world_.act<v1::ResumeJobRequest>(job), world_.act<v1::CancelJobRequest>(job)}) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().reason, "job_state");
    EXPECT_NE(answer.error().message.find("COMPLETED"), std::string::npos);
  }
}

TEST_F(Api, TheSameRequestIdGivesTheFirstJob) {
  auto request = JobsWorld::request(10);
  request.set_request_id("2026-11-campaign");
  const auto first = world_.ask<v1::Job>(request);
  ASSERT_TRUE(first);
  request.set_total_count(11);
  const auto again = world_.ask<v1::Job>(request);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->name(), first->name());
  EXPECT_EQ(again->total_count(), 10);
  request.mutable_job()->set_message("another");
  EXPECT_EQ(refused<v1::Job>(request), "already_exists request_id_reused");
  EXPECT_NE(world_.ask<v1::Job>(request, world_.token({"job.operate"}, "somebody else"))->name(),
            first->name());
}

TEST_F(Api, EveryBadInputIsRefusedWithWhatAProgramCanRead) {
  EXPECT_EQ(refused<v1::Job>(with([](auto& r) { r.mutable_job()->set_age_group("TODDLERS"); })),
            "invalid_argument invalid_request job.age_group=unknown_age_group");
  EXPECT_EQ(refused<v1::Job>(with([](auto& r) { r.mutable_job()->set_message(""); })),
            "invalid_argument invalid_request job.message=required");
  EXPECT_EQ(refused<v1::Job>(with([](auto& r) { r.mutable_job()->set_message(std::string(10'001, 'x')); })),
            "invalid_argument invalid_request job.message=too_long");
  EXPECT_EQ(refused<v1::Job>(with([](auto& r) { r.mutable_job()->set_message("{{coupon}}"); })),
            "invalid_argument invalid_request job.message=unknown_placeholder");
  v1::GetJobRequest get;
  get.set_name("jobs/7");
  EXPECT_EQ(refused<v1::Job>(get), "invalid_argument invalid_request name=malformed");
  get.set_name(kNobody);
  EXPECT_EQ(refused<v1::Job>(get), "not_found job_not_found");
  v1::PauseJobRequest pause;
  pause.set_name(kNobody);
  EXPECT_EQ(refused<v1::Job>(pause), "not_found job_not_found");
  v1::ListJobFailuresRequest failures;
  failures.set_parent(kNobody);
  EXPECT_EQ(refused<v1::ListJobFailuresResponse>(failures), "not_found job_not_found");
  v1::ListJobsRequest list;
  list.add_states(v1::Job::STATE_UNSPECIFIED);
  EXPECT_EQ(refused<v1::ListJobsResponse>(list), "invalid_argument invalid_request states=unknown_state");
  list.clear_states();
  list.set_page_size(-1);
  EXPECT_EQ(refused<v1::ListJobsResponse>(list), "invalid_argument invalid_request page_size=out_of_range");
}

TEST_F(Api, OnlyWhoMayReadsAndOnlyWhoMayOperates) {
  const auto job = world_.create(1);
  v1::GetJobRequest get;
  get.set_name("jobs/" + job);
  EXPECT_EQ(world_.ask<v1::Job>(get, "").error().reason, "unauthenticated");
  EXPECT_EQ(world_.ask<v1::Job>(get, "forged").error().reason, "unauthenticated");
  EXPECT_EQ(world_.ask<v1::Job>(get, world_.token({"message.send"})).error().reason, rpc::kPermissionDenied);
  EXPECT_TRUE(world_.ask<v1::Job>(get, world_.token({"job.read"})));
  v1::CancelJobRequest cancel;
  cancel.set_name(get.name());
  EXPECT_EQ(world_.ask<v1::Job>(cancel, world_.token({"job.read"})).error().reason, rpc::kPermissionDenied);
}

TEST_F(Api, ListsAreStableAndTheirTokensBelongToTheirQuery) {
  std::vector<std::string> made;
  made.reserve(5);
  for (int i = 0; i < 5; ++i) made.insert(made.begin(), "jobs/" + world_.create(1, i % 2 == 0));
  v1::ListJobsRequest list;
  list.set_page_size(2);
  std::vector<std::string> listed;
  for (;;) {
    const auto page = world_.ask<v1::ListJobsResponse>(list);
    ASSERT_TRUE(page) << page.error().message;
    for (const auto& job : page->jobs()) listed.push_back(job.name());
    if (page->next_page_token().empty()) break;
    if (listed.size() == 2) world_.create(1);  // younger: moves nothing
    list.set_page_token(page->next_page_token());
  }
  EXPECT_EQ(listed, made);
  list.add_states(v1::Job::PLANNED);
  EXPECT_EQ(refused<v1::ListJobsResponse>(list),
            "invalid_argument invalid_request page_token=page_token_of_another_query");
  list.clear_page_token();
  list.set_page_size(0);
  EXPECT_EQ(world_.ask<v1::ListJobsResponse>(list)->jobs_size(), 3);
}

TEST_F(Api, FailuresComeMaskedAndInTheJobsOrder) {
  const auto job = world_.create(1005);
  world_.publish({world_.page(job, 0, 1000, false), world_.page(job, 1, 5, true)});
  world_.publish(world_.results(job, 1, 0, 5, DeliveryResult::DEAD));
  world_.publish(world_.results(job, 0, 7, 9, DeliveryResult::UNKNOWN));
  world_.until(job, [](const v1::Job& now) { return now.failure_count() == 5 && now.unknown_count() == 2; });
  v1::ListJobFailuresRequest list;
  list.set_parent("jobs/" + job);
  list.set_page_size(4);
  const auto first = world_.ask<v1::ListJobFailuresResponse>(list);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->failures_size(), 4);
  EXPECT_EQ(first->failures(0).reason(), "unknown_outcome");
  EXPECT_EQ(first->failures(2).reason(), "timeout");
  EXPECT_EQ(first->failures(2).recipient(), "***-****-5678");
  EXPECT_EQ(first->failures(2).attempts(), 3);
  EXPECT_EQ(first->failures(2).notification_id(),
            world_.result(job, 1, 0, DeliveryResult::DEAD).notification_id());
  list.set_page_token(first->next_page_token());
  const auto rest = world_.ask<v1::ListJobFailuresResponse>(list);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->failures_size(), 3);
  EXPECT_EQ(rest->next_page_token(), "");
}

/// What a watcher was sent.
asio::awaitable<bool> collect(rpc::Stream<v1::Job> stream, std::vector<v1::Job>& into) {
  for (;;) {
    auto next = co_await stream.next();
    if (!next) co_return false;
    if (!*next) co_return true;
    into.push_back(std::move(**next));
  }
}

TEST_F(Api, AWatcherSeesEachChangeAndTheEnd) {
  const auto job = world_.create(1000);
  v1::WatchJobRequest request;
  request.set_name("jobs/" + job);
  auto stream = world_.channel().stream<v1::Job>(request, {.timeout = 0ms, .token = world_.operator_token()});
  auto first = world_.run(stream.next());
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->state(), v1::Job::IN_PROGRESS);

  const auto begun = std::chrono::steady_clock::now();
  world_.publish({world_.page(job, 0, 1000, true)});
  for (std::uint32_t i = 0; i < 1000; i += 50) world_.publish(world_.delivered(job, 0, i, i + 50));
  std::vector<v1::Job> seen;
  EXPECT_TRUE(world_.run(collect(std::move(stream), seen))) << "ends well after the final state";
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().state(), v1::Job::COMPLETED);
  EXPECT_EQ(seen.back().success_count(), 1000);
  for (const auto& one : seen) EXPECT_TRUE(adds_up(one));
  const auto passed = std::chrono::steady_clock::now() - begun;
  EXPECT_LE(static_cast<std::int64_t>(seen.size()), passed / 200ms + 2) << "at most five a second";
}

TEST_F(Api, AWatcherOfNothingIsToldSo) {
  v1::WatchJobRequest request;
  request.set_name(kNobody);
  auto stream = world_.channel().stream<v1::Job>(request, {.timeout = 30s, .token = world_.operator_token()});
  EXPECT_EQ(world_.run(stream.next()).error().reason, "job_not_found");
}

TEST_F(Api, AWatcherAtOneReplicaSeesWhatTheOtherOneDoes) {
  world_.start("#2");
  const auto job = world_.create(10);
  v1::WatchJobRequest request;
  request.set_name("jobs/" + job);
  auto stream = world_.channel().stream<v1::Job>(request, {.timeout = 0ms, .token = world_.operator_token()});
  ASSERT_TRUE(world_.run(stream.next()));
  world_.publish({world_.page(job, 0, 10, true)});
  world_.publish(world_.delivered(job, 0, 0, 10));
  for (;;) {
    const auto next = world_.run(stream.next());
    ASSERT_TRUE(next) << next.error().message;
    if (!*next) break;
  }
}

TEST_F(Api, AStopEndsStreamsAndLetsTheProcessGo) {
  const auto job = world_.create(10);
  v1::WatchJobRequest request;
  request.set_name("jobs/" + job);
  auto stream = world_.channel().stream<v1::Job>(request, {.timeout = 0ms, .token = world_.operator_token()});
  ASSERT_TRUE(world_.run(stream.next()));
  EXPECT_EQ(world_.stop(), 0);
  EXPECT_EQ(world_.run(stream.next()).error().code, ErrorCode::kUnavailable);
}

TEST_F(Api, ControlOfAnUnfinishedJobIsSaidAgain) {
  world_.stop();
  world_.environment["CONTROL_REPUBLISH"] = "200ms";
  world_.start();
  const auto job = world_.create(10);
  const auto controls = world_.controls(job, 3);
  EXPECT_EQ(controls.at(2).revision(), controls.at(0).revision());
  EXPECT_EQ(controls.at(2).pages_allowed(), 50U);
}

}  // namespace
}  // namespace bongsu::jobs
