#pragma once
#include "outcome.hpp"

#include <bongsu/events/v1/dead_letter.pb.h>

namespace bongsu::deadletters {

/// What records that are read mean for replays, within the transaction that moves their offset. What is seen
/// again changes nothing. Errors: as postgres::Pool. Threads: the io_context's one thread. Lifetime: what it
/// refers to outlives it.
class ReplayIntake {
 public:
  ReplayIntake(const LetterStore& letters, ReplayStore& replays, const Clock& clock)
      : letters_(letters), replays_(replays), clock_(clock) {}

  /// How replays ended for their letters.
  asio::awaitable<Result<void>> results(postgres::Session& session,
                                        std::vector<events::v1::DeliveryResult> results);
  /// Letters that a replay's letters have become: also where no result tells, since nobody could decode them.
  asio::awaitable<Result<void>> letters(postgres::Session& session, std::vector<Letter> letters);
  /// Replays as their events tell them. Those that are known already stay.
  asio::awaitable<Result<void>> plans(postgres::Session& session,
                                      std::vector<events::v1::DeadLetterEvent> events);

 private:
  const LetterStore& letters_;
  ReplayStore& replays_;
  const Clock& clock_;
};

}  // namespace bongsu::deadletters
