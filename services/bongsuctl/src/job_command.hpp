#pragma once
#include "service_call.hpp"

#include <string>
#include <vector>

namespace bongsu::ctl {

struct NewJob {
  std::string age_group;
  std::string message;
  std::string channel;
  std::string fallback;
  std::string purpose;
  std::string subject;
  std::string request_id;
  bool hold = false;
  bool watch = false;
};

/// Creates a job. With `hold` it waits for the plan, shows it, asks, and starts the job if the answer is yes;
/// where nobody can be asked it leaves the job held and says how to start it. With `watch` it goes on as
/// watch_job().
asio::awaitable<Result<Report>> create_job(ServiceOptions options, NewJob job);

enum class JobAction { kStart, kPause, kResume, kCancel };
/// `name` is a job's id, with or without "jobs/" in front, here and below.
asio::awaitable<Result<Report>> act_on_job(ServiceOptions options, JobAction action, std::string name);
asio::awaitable<Result<Report>> show_job(ServiceOptions options, std::string name);
/// A live progress bar until the job has ended; with JSON a line for each change. Not fine unless it ended as
/// COMPLETED. Goes on by itself when the service was away.
asio::awaitable<Result<Report>> watch_job(ServiceOptions options, std::string name);

struct ListOptions {
  std::vector<std::string> states;
  int limit = 50;
};
asio::awaitable<Result<Report>> list_jobs(ServiceOptions options, ListOptions list);
asio::awaitable<Result<Report>> list_failures(ServiceOptions options, std::string name, int limit);

}  // namespace bongsu::ctl
