#include "replay_intake.hpp"

#include <algorithm>
#include <map>

namespace bongsu::deadletters {
namespace {

using events::v1::DeadLetterEvent;
using postgres::Params;
using postgres::Session;

Result<void> nothing_of(const Result<std::vector<Uuid>>& done) {
  if (!done) return std::unexpected(done.error());
  return {};
}

/// Which of these letters a replay has under way, and which replay.
asio::awaitable<Result<std::map<Uuid, Uuid>>> under_way(Session& session, std::vector<Uuid> letters) {
  const auto rows = co_await session.query(
      "SELECT id, replay_id FROM letter WHERE id = ANY ($1) AND state = 2 AND replay_id IS NOT NULL",
      Params::of(letters));
  if (!rows) co_return std::unexpected(rows.error());
  std::map<Uuid, Uuid> replays;
  for (std::size_t row = 0; row < rows->size(); ++row)
    replays.emplace(rows->get<Uuid>(row, 0), rows->get<Uuid>(row, 1));
  co_return replays;
}

}  // namespace

asio::awaitable<Result<void>> ReplayIntake::results(Session& session,
                                                    std::vector<events::v1::DeliveryResult> results) {
  std::vector<Ended> ended;
  std::vector<Uuid> delivered;
  for (const auto& result : results) {
    auto heard = outcome_of(result);
    if (heard.ended) ended.push_back(std::move(*heard.ended));
    if (heard.delivered) delivered.push_back(*heard.delivered);
  }
  const auto now = clock_.now();
  if (!ended.empty()) {
    if (const auto done = nothing_of(co_await replays_.record(session, std::move(ended), now)); !done)
      co_return done;
  }
  if (delivered.empty()) co_return Result<void>{};
  std::ranges::sort(delivered);
  Change change{.letters = std::move(delivered),
                .from = {v1::DeadLetter::OPEN},
                .kind = DeadLetterEvent::DELIVERED,
                .replay = {},
                .actor = {},
                .reason = "delivered after all",
                .time = now};
  const auto changed = co_await letters_.change_state(session, std::move(change));
  if (!changed) co_return std::unexpected(changed.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> ReplayIntake::letters(Session& session, std::vector<Letter> letters) {
  std::map<Uuid, std::string> reasons;
  for (const auto& letter : letters) {
    if (const auto earlier = earlier_generation(letter)) reasons.emplace(*earlier, letter.reason);
  }
  if (reasons.empty()) co_return Result<void>{};
  std::vector<Uuid> ids;
  ids.reserve(reasons.size());
  for (const auto& [id, reason] : reasons) ids.push_back(id);
  const auto replays = co_await under_way(session, std::move(ids));
  if (!replays) co_return std::unexpected(replays.error());
  std::vector<Ended> ended;
  for (const auto& [letter, replay] : *replays) {
    ended.push_back({.letter = letter,
                     .replay = replay,
                     .kind = DeadLetterEvent::DEAD_AGAIN,
                     .reason = reasons.at(letter)});
  }
  if (ended.empty()) co_return Result<void>{};
  co_return nothing_of(co_await replays_.record(session, std::move(ended), clock_.now()));
}

asio::awaitable<Result<void>> ReplayIntake::plans(Session& session, std::vector<DeadLetterEvent> events) {
  for (const auto& event : events) {
    const auto id = Uuid::parse(event.replay_id());
    if (!id) continue;  // not by us, and nobody's
    auto done = event.kind() == DeadLetterEvent::PLAN_LETTERS
                    ? co_await replays_.restore_letters(session, *id, event)
                    : co_await replays_.restore(session, *id, event);
    if (!done) co_return done;
  }
  co_return Result<void>{};
}

}  // namespace bongsu::deadletters
