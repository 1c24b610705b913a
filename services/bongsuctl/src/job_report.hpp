#pragma once
#include "progress_bar.hpp"
#include "report.hpp"

#include <bongsu/jobs/v1/jobs.pb.h>

#include <string>

/// A job as people and programs read it. Pure.
namespace bongsu::ctl {

Report report_of(const jobs::v1::Job& job);
Report report_of(const std::vector<jobs::v1::Job>& jobs);
Report report_of(const std::vector<jobs::v1::Failure>& failures);

/// How many, who is left out and why, how long at the provider's limit.
std::string plan_of(const jobs::v1::Job& job);

/// How far it has come, with counts, rate and the time that is left.
Step step_of(const jobs::v1::Job& job);

/// COMPLETED, PARTIALLY_FAILED, FAILED, CANCELLED.
bool has_ended(const jobs::v1::Job& job);

}  // namespace bongsu::ctl
