#include "job_flags.hpp"

#include "addresses.hpp"
#include "dlq/dlq_flags.hpp"
#include "job_command.hpp"

#include <CLI/CLI.hpp>

namespace bongsu::ctl {
namespace {

/// A command on one job.
CLI::App& add_on_job(ServiceCommands& jobs, const char* name, const char* what,
                     std::function<asio::awaitable<Result<Report>>(ServiceOptions, std::string)> run) {
  auto job = std::make_shared<std::string>();
  auto& command = jobs.add(
      name, what, [job, run = std::move(run)](ServiceOptions options) { return run(options, *job); });
  command.add_option("job", *job, "its id, with or without jobs/ in front")->required();
  return command;
}

void add_create(ServiceCommands& jobs) {
  auto job = std::make_shared<NewJob>();
  auto& create = jobs.add("create", "send a message to everybody of an age group",
                          [job](ServiceOptions options) { return create_job(std::move(options), *job); });
  create.add_option("--age-group", job->age_group, "TEENS, TWENTIES, THIRTIES, FORTIES, FIFTIES_PLUS")
      ->required();
  create
      .add_option("--message", job->message, "1 to 10,000 characters; {{name}} stands for the member's name")
      ->required();
  create.add_option("--channel", job->channel, "KAKAO (default), SMS, EMAIL");
  create.add_option("--fallback", job->fallback, "SMS (default for KAKAO), NONE");
  create.add_option("--purpose", job->purpose, "TRANSACTIONAL (default), or MARKETING, which needs consent");
  create.add_option("--subject", job->subject, "of a mail; default: the message's first line");
  create.add_option("--request-id", job->request_id, "the same one again gives the first job");
  create.add_flag("--hold", job->hold, "show the plan, and ask before anything is sent");
  create.add_flag("--watch", job->watch, "stay until it has ended");
}

void add_actions(ServiceCommands& jobs) {
  const auto act = [&](const char* name, const char* what, JobAction action) {
    add_on_job(jobs, name, what, [action](ServiceOptions options, std::string job) {
      return act_on_job(std::move(options), action, std::move(job));
    });
  };
  act("start", "start a job that was held", JobAction::kStart);
  act("pause", "send nothing more for now", JobAction::kPause);
  act("resume", "go on with a paused job", JobAction::kResume);
  act("cancel", "send nothing more, for good", JobAction::kCancel);
}

}  // namespace

void add_jobs(CLI::App& app, const Environment& environment, Invocation& invocation) {
  auto& job = *app.add_subcommand("job", "bulk jobs: one message to an age group");
  job.require_subcommand(1);
  ServiceCommands jobs{job, kJobs, environment, invocation};
  add_create(jobs);
  add_actions(jobs);
  add_on_job(jobs, "get", "one job", show_job);
  add_on_job(jobs, "watch", "a progress bar until it has ended; exit code 1: not COMPLETED", watch_job);
  auto list = std::make_shared<ListOptions>();
  auto& listing = jobs.add("list", "the youngest first",
                           [list](ServiceOptions options) { return list_jobs(std::move(options), *list); });
  listing.add_option("--state", list->states, "only these; can be given again");
  listing.add_option("--limit", list->limit, "at most")->check(CLI::PositiveNumber)->capture_default_str();
  auto limit = std::make_shared<int>(50);
  auto& failures = add_on_job(jobs, "failures", "who was not reached, and why",
                              [limit](ServiceOptions options, std::string name) {
                                return list_failures(std::move(options), std::move(name), *limit);
                              });
  failures.add_option("--limit", *limit, "at most")->check(CLI::PositiveNumber)->capture_default_str();
  add_job_retry(job, environment, invocation);
}

}  // namespace bongsu::ctl
