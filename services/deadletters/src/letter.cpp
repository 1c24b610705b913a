#include "letter.hpp"

namespace bongsu::deadletters {

State state_after(Kind kind) {
  using events::v1::DeadLetterEvent;
  switch (kind) {
    case DeadLetterEvent::REPLAYING:
      return v1::DeadLetter::REPLAYING;
    case DeadLetterEvent::DISCARDED:
      return v1::DeadLetter::DISCARDED;
    case DeadLetterEvent::DELIVERED:
      return v1::DeadLetter::DELIVERED;
    case DeadLetterEvent::DEAD_AGAIN:
      return v1::DeadLetter::DEAD_AGAIN;
    default:
      return v1::DeadLetter::OPEN;
  }
}

}  // namespace bongsu::deadletters
