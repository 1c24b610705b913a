#include "job_report.hpp"

#include "proto_text.hpp"

#include <cmath>

#include <google/protobuf/util/time_util.h>

namespace bongsu::ctl {
namespace {

using google::protobuf::util::TimeUtil;
using jobs::v1::Job;

std::int64_t counted(const Job& job) { return job.total_count() - job.pending_count(); }

/// Singular where it is one.
std::string members(std::int64_t count) { return grouped(count) + (count == 1 ? " member" : " members"); }

std::string words_for(const std::string& reason) {
  if (reason == "no_consent") return "no consent to advertising";
  if (reason == "no_recipient") return "no address for this channel";
  if (reason == "inactive") return "no longer active";
  return reason;
}

std::string left(const Job& job) {
  if (job.rate_per_second() <= 0 || job.pending_count() == 0) return {};
  const auto seconds = std::ceil(static_cast<double>(job.pending_count()) / job.rate_per_second());
  return ", " + spoken(std::chrono::seconds{static_cast<std::int64_t>(seconds)}) + " left";
}

std::vector<std::string> row_of(const Job& job) {
  return {job.name(),
          Job::State_Name(job.state()),
          job.age_group(),
          job.channel(),
          grouped(job.total_count()),
          grouped(job.success_count()),
          grouped(job.failure_count()),
          grouped(job.suppressed_count()),
          grouped(job.unknown_count()),
          grouped(job.pending_count()),
          time_of(job.has_create_time(), job.create_time())};
}

const std::vector<std::string> kColumns{"name",    "state",      "age_group", "channel", "total",  "success",
                                        "failure", "suppressed", "unknown",   "pending", "created"};

}  // namespace

Report report_of(const Job& job) {
  auto columns = kColumns;
  auto row = row_of(job);
  const auto add = [&](const char* name, std::string value) {
    columns.emplace_back(name);
    row.push_back(std::move(value));
  };
  add("fallback", job.fallback());
  add("purpose", job.purpose());
  add("taken_over_by_fallback", job.fallback_count() == 0 ? "" : grouped(job.fallback_count()));
  for (const auto& one : job.suppressed_by_reason()) {
    add("suppressed", grouped(one.count()) + " " + words_for(one.reason()));
  }
  add("started", time_of(job.has_start_time(), job.start_time()));
  add("completed", time_of(job.has_complete_time(), job.complete_time()));
  add("estimated", job.has_estimated_duration()
                       ? spoken(std::chrono::seconds{TimeUtil::DurationToSeconds(job.estimated_duration())})
                       : "");
  return {.columns = std::move(columns), .rows = {std::move(row)}, .json = json_of(job), .upright = true};
}

Report report_of(const std::vector<Job>& jobs) {
  Report report{.columns = kColumns, .rows = {}, .json = json_of(jobs)};
  for (const auto& job : jobs) report.rows.push_back(row_of(job));
  return report;
}

Report report_of(const std::vector<jobs::v1::Failure>& failures) {
  Report report{.columns = {"notification_id", "recipient", "reason", "attempts", "time"},
                .rows = {},
                .json = json_of(failures)};
  for (const auto& one : failures) {
    report.rows.push_back({one.notification_id(), one.recipient(), one.reason(),
                           std::to_string(one.attempts()), time_of(one.has_time(), one.time())});
  }
  return report;
}

std::string plan_of(const Job& job) {
  std::string text = members(job.total_count()) + " of " + job.age_group() + " by " + job.channel();
  if (!job.fallback().empty() && job.fallback() != "NONE")
    text += ", " + job.fallback() + " where that fails";
  std::int64_t suppressed = 0;
  for (const auto& one : job.suppressed_by_reason()) {
    suppressed += one.count();
    text += "\n  left out: " + grouped(one.count()) + ", " + words_for(one.reason());
  }
  text += "\n  will be sent: " + grouped(job.total_count() - suppressed);
  if (job.has_estimated_duration()) {
    text += "\n  will take about " +
            spoken(std::chrono::seconds{TimeUtil::DurationToSeconds(job.estimated_duration())});
  }
  return text;
}

Step step_of(const Job& job) {
  const auto total = static_cast<double>(job.total_count());
  std::string text =
      Job::State_Name(job.state()) + " " + grouped(counted(job)) + " of " + grouped(job.total_count());
  const auto add = [&](std::int64_t count, const char* what) {
    if (count > 0) text += ", " + grouped(count) + " " + what;
  };
  add(job.failure_count(), "failed");
  add(job.suppressed_count(), "suppressed");
  add(job.unknown_count(), "unknown");
  if (job.rate_per_second() > 0 && !has_ended(job)) {
    text += ", " + grouped(static_cast<std::int64_t>(std::llround(job.rate_per_second()))) + "/s" + left(job);
  }
  const bool over = has_ended(job) && job.pending_count() == 0;
  return {.done = total > 0 ? static_cast<double>(counted(job)) / total : (over ? 1.0 : 0.0),
          .text = std::move(text)};
}

bool has_ended(const Job& job) {
  switch (job.state()) {
    case Job::COMPLETED:
    case Job::PARTIALLY_FAILED:
    case Job::FAILED:
    case Job::CANCELLED:
      return true;
    default:
      return false;
  }
}

}  // namespace bongsu::ctl
