#pragma once
#include "replay.hpp"

namespace bongsu::deadletters {

/// The replay as callers see it.
v1::Replay view_of(const Replay& replay);

/// "replays/{id}", or the id alone. Errors: kInvalidArgument.
Result<Uuid> read_replay_name(std::string_view name);

}  // namespace bongsu::deadletters
