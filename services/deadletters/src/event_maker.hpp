#pragma once
#include "letter.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/outbox/event.hpp>

namespace bongsu::deadletters {

/// What this service publishes on deadletters.event. Pure but for the chance in new ids and traces.
/// Lifetime: `random` outlives it.
class EventMaker {
 public:
  EventMaker(events::Topics topics, Random& random) : topics_(std::move(topics)), random_(random) {}

  /// The event of one decision about a letter.
  outbox::Event decided(const Decision& decision) const;
  /// Any other event (a replay's), under the key that it belongs to.
  outbox::Event event(const Uuid& key, const events::v1::DeadLetterEvent& event, Timestamp now) const;

 private:
  events::Topics topics_;
  Random& random_;
};

}  // namespace bongsu::deadletters
