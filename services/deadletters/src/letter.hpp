#pragma once
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/events/channel.hpp>
#include <bongsu/events/v1/dead_letter.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bongsu::deadletters {

using State = v1::DeadLetter::State;
using Kind = events::v1::DeadLetterEvent::Kind;

/// What a dead letter's record says, its value aside.
struct Letter {
  Uuid id;
  std::optional<Uuid> notification_id;     ///< none: it could not be told
  std::optional<events::Channel> channel;  ///< none: of events.dlq, and nobody's to replay
  std::string reason;
  std::string provider_code;
  std::string message;  ///< ours
  std::optional<Timestamp> first_failed_at;
  Timestamp died_at;
  std::int32_t attempts = 0;
  std::int32_t tries = 0;
  std::int32_t generation = 0;
  std::optional<Uuid> job;
  std::optional<Uuid> recipient_hash;
  std::string recipient;         ///< masked
  std::optional<Uuid> previous;  ///< undecodable: the letter whose replay died as this one
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int32_t size = 0;  ///< of the value, in bytes
  std::string origin_topic;
  std::int32_t origin_partition = 0;
  std::int64_t origin_offset = 0;
  std::string origin_group;

  friend bool operator==(const Letter&, const Letter&) = default;
};

/// A letter as it stands.
struct LetterRow {
  Letter letter;
  State state = v1::DeadLetter::OPEN;
  std::int64_t revision = 0;
  std::optional<Uuid> replay;  ///< the last one that took it
  std::int32_t replays = 0;    ///< of this letter and its earlier generations
};

/// One entry of a letter's history.
struct Decision {
  Uuid letter;
  std::int64_t revision = 0;
  Kind kind = events::v1::DeadLetterEvent::KIND_UNSPECIFIED;
  std::optional<Uuid> replay;
  std::int32_t generation = 0;
  std::string actor;
  std::string reason;
  Timestamp time;
};

/// Where a list goes on: the youngest first, then the greatest id.
struct Place {
  Timestamp died_at;
  Uuid id;
};

/// What is looked for: all that is set must hold; within a list any of its values does.
struct Query {
  std::vector<std::int16_t> channels;
  std::vector<std::string> reasons;
  std::vector<std::string> provider_codes;
  std::optional<Uuid> job;
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
  std::optional<Uuid> recipient_hash;
  std::vector<std::int16_t> states;
  std::int32_t min_replays = 0;
  std::optional<Uuid> replay;
  std::optional<Uuid> notification;
};

/// The state that a decision leaves a letter in. REPLAY_ABANDONED: OPEN. Pure.
State state_after(Kind kind);

}  // namespace bongsu::deadletters
