#include "job_command.hpp"

#include "job_report.hpp"
#include "proto_text.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/core/uuid.hpp>

#include <iostream>

namespace bongsu::ctl {
namespace {

using namespace std::chrono_literals;
using jobs::v1::Job;

constexpr std::string_view kPrefix = "jobs/";
constexpr int kPageSize = 1000;
constexpr auto kPlanPatience = 30s;

std::string full_name(std::string name) {
  return name.starts_with(kPrefix) ? name : std::string{kPrefix} + name;
}

/// The jobs service, for one command.
class Jobs : public ServiceCalls {
 public:
  using ServiceCalls::ServiceCalls;

  template <class Request>
  asio::awaitable<Result<Job>> on_job(std::string name) {
    Request request;
    request.set_name(full_name(std::move(name)));
    co_return co_await call<Job>(std::move(request));
  }
};

asio::awaitable<Result<Report>> watch_with(Jobs& jobs, std::string name) {
  ProgressBar bar{std::cerr, on_terminal()};
  const bool json = jobs.options().format == Format::kJson;
  jobs::v1::WatchJobRequest request;
  request.set_name(full_name(std::move(name)));
  const auto last = co_await jobs.watch<Job>(std::move(request), [&](const Job& job) {
    if (json) {
      std::cout << json_of(job) << std::endl;
    } else {
      bar.show(step_of(job));
    }
  });
  if (!last) co_return std::unexpected(last.error());
  if (!json) bar.end(step_of(*last));
  auto report = report_of(*last);
  report.fine = last->state() == Job::COMPLETED;
  co_return report;
}

/// The job once jobs knows how many there are.
asio::awaitable<Result<Job>> wait_for_plan(Jobs& jobs, Job job) {
  const auto until = std::chrono::steady_clock::now() + kPlanPatience;
  while (job.state() == Job::CREATED) {
    if (std::chrono::steady_clock::now() > until) {
      co_return fail(ErrorCode::kTimeout, job.name() + " is stored, but nobody has counted its members for " +
                                              spoken(kPlanPatience) +
                                              ": is the gateway running? See bongsuctl job get");
    }
    co_await sleep_for(100ms);
    auto now = co_await jobs.on_job<jobs::v1::GetJobRequest>(job.name());
    if (!now) co_return std::unexpected(now.error());
    job = std::move(*now);
  }
  co_return job;
}

asio::awaitable<Result<Job>> ask_and_start(Jobs& jobs, Job job) {
  const auto& options = jobs.options();
  std::cerr << plan_of(job) << '\n';
  const bool go = options.yes || (can_ask(options) && agreed("Send it?"));
  if (!go) {
    std::cerr << "held; to send it: bongsuctl job start " << job.name() << '\n';
    co_return job;
  }
  co_return co_await jobs.on_job<jobs::v1::StartJobRequest>(job.name());
}

jobs::v1::CreateJobRequest request_of(const NewJob& job) {
  jobs::v1::CreateJobRequest request;
  request.mutable_job()->set_age_group(job.age_group);
  request.mutable_job()->set_message(job.message);
  request.mutable_job()->set_channel(job.channel);
  request.mutable_job()->set_fallback(job.fallback);
  request.mutable_job()->set_subject(job.subject);
  request.set_purpose(job.purpose);
  request.set_hold(job.hold);
  SystemRandom random;
  // Should the answer get lost, the same command line with this id would find the same job.
  request.set_request_id(job.request_id.empty() ? Uuid::v7(SystemClock{}.now(), random).str()
                                                : job.request_id);
  return request;
}

}  // namespace

asio::awaitable<Result<Report>> create_job(ServiceOptions options, NewJob job) {
  Jobs jobs{co_await asio::this_coro::executor, std::move(options)};
  auto made = co_await jobs.call<Job>(request_of(job));
  if (made && job.hold) {
    made = co_await wait_for_plan(jobs, std::move(*made));
    if (made && made->state() == Job::PLANNED) made = co_await ask_and_start(jobs, std::move(*made));
  }
  if (!made) co_return std::unexpected(made.error());
  if (job.watch && made->state() != Job::PLANNED) co_return co_await watch_with(jobs, made->name());
  co_return report_of(*made);
}

asio::awaitable<Result<Report>> act_on_job(ServiceOptions options, JobAction action, std::string name) {
  Jobs jobs{co_await asio::this_coro::executor, std::move(options)};
  Result<Job> job;
  switch (action) {
    case JobAction::kStart:
      job = co_await jobs.on_job<jobs::v1::StartJobRequest>(std::move(name));
      break;
    case JobAction::kPause:
      job = co_await jobs.on_job<jobs::v1::PauseJobRequest>(std::move(name));
      break;
    case JobAction::kResume:
      job = co_await jobs.on_job<jobs::v1::ResumeJobRequest>(std::move(name));
      break;
    case JobAction::kCancel:
      job = co_await jobs.on_job<jobs::v1::CancelJobRequest>(std::move(name));
      break;
  }
  if (!job) co_return std::unexpected(job.error());
  co_return report_of(*job);
}

asio::awaitable<Result<Report>> show_job(ServiceOptions options, std::string name) {
  Jobs jobs{co_await asio::this_coro::executor, std::move(options)};
  const auto job = co_await jobs.on_job<jobs::v1::GetJobRequest>(std::move(name));
  if (!job) co_return std::unexpected(job.error());
  co_return report_of(*job);
}

asio::awaitable<Result<Report>> watch_job(ServiceOptions options, std::string name) {
  Jobs jobs{co_await asio::this_coro::executor, std::move(options)};
  co_return co_await watch_with(jobs, std::move(name));
}

asio::awaitable<Result<Report>> list_jobs(ServiceOptions options, ListOptions list) {
  Jobs jobs{co_await asio::this_coro::executor, std::move(options)};
  jobs::v1::ListJobsRequest request;
  for (const auto& name : list.states) {
    Job::State state{};
    if (!Job::State_Parse(name, &state))
      co_return fail(ErrorCode::kInvalidArgument, name + " is no state of a job");
    request.add_states(state);
  }
  std::vector<Job> all;
  do {
    request.set_page_size(std::min(kPageSize, list.limit - static_cast<int>(all.size())));
    auto page = co_await jobs.call<jobs::v1::ListJobsResponse>(request);
    if (!page) co_return std::unexpected(page.error());
    for (auto& job : *page->mutable_jobs()) all.push_back(std::move(job));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && static_cast<int>(all.size()) < list.limit);
  co_return report_of(all);
}

asio::awaitable<Result<Report>> list_failures(ServiceOptions options, std::string name, int limit) {
  Jobs jobs{co_await asio::this_coro::executor, std::move(options)};
  jobs::v1::ListJobFailuresRequest request;
  request.set_parent(full_name(std::move(name)));
  std::vector<jobs::v1::Failure> all;
  do {
    request.set_page_size(std::min(kPageSize, limit - static_cast<int>(all.size())));
    auto page = co_await jobs.call<jobs::v1::ListJobFailuresResponse>(request);
    if (!page) co_return std::unexpected(page.error());
    for (auto& one : *page->mutable_failures()) all.push_back(std::move(one));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && static_cast<int>(all.size()) < limit);
  co_return report_of(all);
}

}  // namespace bongsu::ctl
