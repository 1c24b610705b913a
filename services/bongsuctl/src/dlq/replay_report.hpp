#pragma once
#include "progress_bar.hpp"
#include "report.hpp"

#include <bongsu/core/time.hpp>
#include <bongsu/deadletters/v1/deadletters.pb.h>

#include <string>
#include <vector>

/// Replays as people and programs read them. Pure.
namespace bongsu::ctl {

Report report_of(const deadletters::v1::Replay& replay);
Report report_of(const std::vector<deadletters::v1::Replay>& replays);

/// What it would send: how many, by reason, what speaks against it, until when.
std::string plan_of(const deadletters::v1::Replay& plan, Timestamp now);
/// The command that executes it.
std::string next_command(const deadletters::v1::Replay& plan);

/// How far it has come, with counts, and about how long the rest takes at its rate.
Step step_of(const deadletters::v1::Replay& replay);

/// COMPLETED, HALTED, CANCELLED, EXPIRED.
bool has_ended(const deadletters::v1::Replay& replay);
/// COMPLETED, and no letter died again.
bool went_well(const deadletters::v1::Replay& replay);

}  // namespace bongsu::ctl
