#include <bongsu/core/signal.hpp>
#include <bongsu/jobs/v1/jobs.pb.h>
#include <bongsu/rpc/client.hpp>
#include <bongsu/rpc/server.hpp>

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <support/process/held_port.hpp>
#include <support/run.hpp>

namespace bongsu::rpc {
namespace {

using namespace std::chrono_literals;
using jobs::v1::GetJobRequest;
using jobs::v1::Job;
using jobs::v1::ListJobsRequest;
using jobs::v1::ListJobsResponse;
using jobs::v1::WatchJobRequest;
using support::run;

/// A server with a service of its own, and a channel to it, in one process and on one loop.
class Calls : public testing::Test {
 protected:
  Calls() {
    service_.unary<GetJobRequest, Job>("job.read", [this](Call call, GetJobRequest request) {
      return get(std::move(call), std::move(request));
    });
    service_.stream<WatchJobRequest, Job>("job.read", [this](Call, WatchJobRequest request, Writer<Job> to) {
      return watch(std::move(request), std::move(to));
    });
    auto listening = Server::listen(io_.get_executor(), {}, {&service_}, [](std::string_view token) {
      if (token == "operator") return Result<Caller>{Caller{"ops", {"job.read"}}};
      if (token == "nobody") return Result<Caller>{Caller{"nobody", {}}};
      if (token == "early") return Result<Caller>{fail(ErrorCode::kUnavailable, "not yet")};
      return Result<Caller>{fail(ErrorCode::kUnauthorized, "signature")};
    });
    EXPECT_TRUE(listening);
    server_.emplace(std::move(*listening));
    channel_.emplace(io_.get_executor(), "127.0.0.1:" + std::to_string(server_->port()));
  }

  asio::awaitable<Answer<Job>> get(Call call, GetJobRequest request) {
    caller_ = call.caller.subject;
    if (request.name() == "wait") co_await sleep_for(1h);
    if (request.name() == "bad") {
      co_return refuse_fields({{"name", "malformed", "is no job's name"}, {"x", "y", "z"}});
    }
    if (request.name() == "gone")
      co_return refuse(ErrorCode::kNotFound, "job_not_found", "there is no such job");
    if (request.name() == "away") {
      co_return std::unexpected(
          Error{.code = ErrorCode::kUnavailable, .message = "away", .retry_after = 2500ms});
    }
    if (request.name() == "secret") {
      co_return std::unexpected(Error{.code = ErrorCode::kInternal, .message = "SELECT secret"});
    }
    Job job;
    job.set_name(request.name());
    co_return job;
  }

  asio::awaitable<Answer<void>> watch(WatchJobRequest request, Writer<Job> to) {
    to.on_closed([this] { closed_ = true; });
    Job job;
    job.set_name(request.name());
    for (int i = 0; i < 3; ++i) {
      job.set_total_count(i);
      if (!co_await to.write(job)) co_return Answer<void>{};
    }
    if (request.name() == "fail") co_return refuse(ErrorCode::kConflict, "changed", "it has changed");
    Signal never{io_.get_executor()};
    while (request.name() == "last" && !to.closed()) co_await never.wait_for(5ms);
    co_return Answer<void>{};
  }

  Answer<Job> ask(const std::string& name, CallOptions options = {.token = "operator"}) {
    if (options.timeout == CallOptions{}.timeout) options.timeout = 20s;  // a slow machine is no dead server
    GetJobRequest request;
    request.set_name(name);
    return run(io_, channel_->call<Job>(request, std::move(options)), 30s);
  }

  asio::io_context io_;
  Service service_{"bongsu.jobs.v1.JobService"};
  std::optional<Server> server_;
  std::optional<Channel> channel_;
  std::string caller_;
  bool closed_ = false;
};

TEST_F(Calls, AnAnswerComesBack) {
  const auto job = ask("jobs/1");
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->name(), "jobs/1");
  EXPECT_EQ(caller_, "ops");
}

TEST_F(Calls, WithoutATokenNobodyIsServed) {
  const auto without = ask("jobs/1", {});
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kUnauthorized) << without.error().message;
  EXPECT_EQ(without.error().reason, "unauthenticated");
  EXPECT_EQ(ask("jobs/1", {.token = "forged"}).error().reason, "unauthenticated");
  EXPECT_EQ(ask("jobs/1", {.token = "early"}).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(caller_, "");
}

TEST_F(Calls, WithoutTheRoleItIsDenied) {
  const auto denied = ask("jobs/1", {.token = "nobody"});
  EXPECT_EQ(denied.error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(denied.error().reason, kPermissionDenied);
  EXPECT_NE(denied.error().message.find("job.read"), std::string::npos);
}

TEST_F(Calls, ARefusalArrivesWithEverythingThatAProgramCanRead) {
  const auto gone = ask("gone").error();
  EXPECT_EQ(gone.code, ErrorCode::kNotFound);
  EXPECT_EQ(gone.detail, "job_not_found");
  EXPECT_EQ(gone.message, "there is no such job");
  const auto bad = ask("bad").error();
  EXPECT_EQ(bad.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(bad.message, "name: is no job's name (and 1 more)");
  EXPECT_THAT(bad.fields, testing::ElementsAre(FieldViolation{"name", "malformed", "is no job's name"},
                                               FieldViolation{"x", "y", "z"}));
  EXPECT_EQ(ask("away").error().retry_after, 2500ms);
}

TEST_F(Calls, WhatWentWrongInsideStaysInside) {
  const auto secret = ask("secret").error();
  EXPECT_EQ(secret.code, ErrorCode::kInternal);
  EXPECT_EQ(secret.message, "internal error");
}

TEST_F(Calls, ADeadlineEndsTheCall) {
  const auto late = ask("wait", {.timeout = 50ms, .token = "operator"});
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(late.error().sent, Sent::kMaybe);
}

TEST_F(Calls, AMethodWithoutAHandlerIsRejected) {
  const auto answer =
      run(io_, channel_->call<ListJobsResponse>(ListJobsRequest{}, {.timeout = 20s, .token = "operator"}));
  EXPECT_EQ(answer.error().code, ErrorCode::kRejected);
}

TEST_F(Calls, AServerThatIsNotThereIsUnavailableAtOnce) {
  const support::HeldPort nobody;
  channel_.emplace(io_.get_executor(), nobody.address());
  const auto answer = ask("jobs/1");
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST_F(Calls, AnAddressThatIsTakenIsAnError) {
  const auto second =
      Server::listen(io_.get_executor(), {.address = "127.0.0.1:" + std::to_string(server_->port())}, {}, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
}

TEST_F(Calls, ACallUnderWayEndsWithItsChannel) {
  GetJobRequest request;
  request.set_name("wait");
  std::optional<ErrorCode> code;
  asio::co_spawn(io_, channel_->call<Job>(request, {.timeout = 1min, .token = "operator"}),
                 [&](const std::exception_ptr&, Answer<Job> answer) { code = answer.error().code; });
  while (caller_.empty()) io_.run_one();
  channel_.reset();
  while (!code) io_.run_one();
  EXPECT_EQ(code, ErrorCode::kCancelled);
}

class Streams : public Calls {
 protected:
  Stream<Job> open(const std::string& name, CallOptions options = {.timeout = 0ms, .token = "operator"}) {
    WatchJobRequest request;
    request.set_name(name);
    return channel_->stream<Job>(request, std::move(options));
  }
  Answer<std::optional<Job>> next(Stream<Job>& stream) { return run(io_, stream.next(), 20s); }
};

TEST_F(Streams, BringAllAndThenEnd) {
  auto stream = open("few");
  for (int i = 0; i < 3; ++i) {
    const auto job = next(stream);
    ASSERT_TRUE(job && *job);
    EXPECT_EQ((*job)->total_count(), i);
  }
  const auto end = next(stream);
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
  EXPECT_FALSE(*next(stream)) << "it stays ended";
}

/// What has ended is on its way from gRPC's thread to ours while the channel goes.
TEST_F(Streams, AChannelMayGoWhenItsStreamHasEnded) {
  for (int round = 0; round < 200; ++round) {
    channel_.emplace(io_.get_executor(), "127.0.0.1:" + std::to_string(server_->port()));
    auto stream = open("few");
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(next(stream));
    ASSERT_FALSE(*next(stream));
  }
}

TEST_F(Streams, EndWithTheServersReason) {
  auto stream = open("fail");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(next(stream));
  EXPECT_EQ(next(stream).error().reason, "changed");
}

TEST_F(Streams, AreRefusedLikeCalls) {
  auto stream = open("few", {.timeout = 0ms, .token = "nobody"});
  EXPECT_EQ(next(stream).error().reason, kPermissionDenied);
}

TEST_F(Streams, AnAbandonedOneIsToldToTheServer) {
  {
    auto stream = open("last");
    ASSERT_TRUE(next(stream));
  }
  while (!closed_) io_.run_one();
}

TEST_F(Streams, ACancelledOneEnds) {
  auto stream = open("last");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(next(stream));
  stream.cancel();
  EXPECT_EQ(next(stream).error().code, ErrorCode::kCancelled);
}

TEST_F(Streams, DrainingEndsThemAndWaitsForCalls) {
  auto stream = open("last");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(next(stream));
  EXPECT_TRUE(run(io_, server_->drain(20s)));
  EXPECT_EQ(next(stream).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(ask("jobs/1").error().code, ErrorCode::kUnavailable);
}

TEST_F(Streams, DrainingCutsWhatDoesNotEnd) {
  GetJobRequest request;
  request.set_name("wait");
  std::optional<ErrorCode> code;
  asio::co_spawn(io_, channel_->call<Job>(request, {.timeout = 1min, .token = "operator"}),
                 [&](const std::exception_ptr&, Answer<Job> answer) { code = answer.error().code; });
  while (caller_.empty()) io_.run_one();
  EXPECT_FALSE(run(io_, server_->drain(50ms)));
  while (!code) io_.run_one();
  EXPECT_EQ(code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace bongsu::rpc
