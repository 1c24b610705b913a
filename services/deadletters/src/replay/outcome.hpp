#pragma once
#include "letter.hpp"
#include "replay_store.hpp"

#include <bongsu/events/v1/result.pb.h>

#include <optional>

namespace bongsu::deadletters {

/// What a result says of letters.
struct HeardOf {
  std::optional<Ended> ended;     ///< of a replay
  std::optional<Uuid> delivered;  ///< a letter that its own generation delivered after all
  friend bool operator==(const HeardOf&, const HeardOf&) = default;
};

/// Nothing where it says nothing final of any letter. Pure.
HeardOf outcome_of(const events::v1::DeliveryResult& result);

/// The letter whose replay died as this one; nothing: it was never replayed. Pure.
std::optional<Uuid> earlier_generation(const Letter& letter);

}  // namespace bongsu::deadletters
