#pragma once
#include "replay.hpp"

#include <bongsu/events/v1/dead_letter.pb.h>
#include <bongsu/postgres/rows.hpp>

#include <string>
#include <vector>

namespace bongsu::deadletters {

/// The columns that replays_of() reads.
extern const std::string kReplayColumns;
std::vector<Replay> replays_of(const postgres::Rows& rows);

/// Counts and warnings as they rest in a row.
std::string counts_column(const Replay& replay);
std::string warnings_column(const Replay& replay);

/// What deadletters.event says of a replay.
events::v1::DeadLetterEvent plan_event(const Replay& replay, Timestamp now);

}  // namespace bongsu::deadletters
