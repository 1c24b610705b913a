#include "outcome.hpp"

#include <bongsu/events/ids.hpp>

namespace bongsu::deadletters {
namespace {

using events::v1::DeadLetterEvent;
using events::v1::DeliveryResult;

Kind kind_of(DeliveryResult::Outcome outcome) {
  switch (outcome) {
    case DeliveryResult::DELIVERED:
      return DeadLetterEvent::DELIVERED;
    case DeliveryResult::DEAD:
    case DeliveryResult::UNKNOWN:
      return DeadLetterEvent::DEAD_AGAIN;
    case DeliveryResult::SUPPRESSED:
      return DeadLetterEvent::REPLAY_ABANDONED;
    default:
      // FELL_BACK is not the end: the other channel's result carries the same letter.
      return DeadLetterEvent::KIND_UNSPECIFIED;
  }
}

}  // namespace

HeardOf outcome_of(const DeliveryResult& result) {
  HeardOf heard;
  const auto kind = kind_of(result.outcome());
  if (!result.final() || kind == DeadLetterEvent::KIND_UNSPECIFIED) return heard;
  const auto letter = Uuid::parse(result.letter_id());
  const auto replay = Uuid::parse(result.replay_id());
  if (result.generation() > 0 && letter && replay) {
    heard.ended = Ended{.letter = *letter,
                        .replay = *replay,
                        .kind = kind,
                        .reason = kind == DeadLetterEvent::DELIVERED ? "" : result.reason()};
  }
  // A former owner's word that comes after the letter: only of what may have gone out twice.
  const auto id = Uuid::parse(result.notification_id());
  if (kind == DeadLetterEvent::DELIVERED && result.maybe_twice() && id)
    heard.delivered = events::letter_id(*id, result.generation());
  return heard;
}

std::optional<Uuid> earlier_generation(const Letter& letter) {
  // Without a raised generation a header that names a letter is upstream's, carried along.
  if (letter.generation <= 0) return std::nullopt;
  if (letter.previous) return letter.previous;
  if (!letter.notification_id) return std::nullopt;
  return events::letter_id(*letter.notification_id, static_cast<std::uint32_t>(letter.generation) - 1);
}

}  // namespace bongsu::deadletters
