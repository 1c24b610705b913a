#include "letter_store.hpp"

#include <bongsu/outbox/columns.hpp>

namespace bongsu::deadletters {
namespace {

using events::v1::DeadLetterEvent;
using postgres::Params;
using postgres::Session;

std::vector<std::int16_t> numbers_of(const std::vector<State>& states) {
  std::vector<std::int16_t> numbers;
  numbers.reserve(states.size());
  for (const auto state : states) numbers.push_back(static_cast<std::int16_t>(state));
  return numbers;
}

asio::awaitable<Result<std::vector<Changed>>> change_rows(Session& session, const Change& change) {
  const auto changed = co_await session.query(
      "WITH asked AS (SELECT id FROM letter WHERE id = ANY ($1) AND state = ANY ($2) AND died_at IS NOT NULL "
      "AND ($4 OR $5::uuid IS NULL OR replay_id = $5) ORDER BY id FOR UPDATE) "
      "UPDATE letter SET state = $3, revision = revision + 1, decided_at = $6, "
      "replay_id = CASE WHEN $4 THEN $5 ELSE replay_id END FROM asked WHERE letter.id = asked.id "
      "RETURNING letter.id, letter.revision, letter.generation",
      Params::of(change.letters, numbers_of(change.from), static_cast<std::int16_t>(state_after(change.kind)),
                 change.kind == DeadLetterEvent::REPLAYING, change.replay, change.time));
  if (!changed) co_return std::unexpected(changed.error());
  std::vector<Changed> letters;
  letters.reserve(changed->size());
  for (std::size_t row = 0; row < changed->size(); ++row) {
    letters.push_back({.letter = changed->get<Uuid>(row, 0),
                       .revision = changed->get<std::int64_t>(row, 1),
                       .generation = changed->get<std::int32_t>(row, 2)});
  }
  co_return letters;
}

asio::awaitable<Result<void>> write_decisions(Session& session, const std::vector<Decision>& decisions) {
  const auto& first = decisions.front();
  std::vector<Uuid> letters;
  std::vector<std::int64_t> revisions;
  std::vector<std::int32_t> generations;
  for (const auto& decision : decisions) {
    letters.push_back(decision.letter);
    revisions.push_back(decision.revision);
    generations.push_back(decision.generation);
  }
  const auto written = co_await session.query(
      "INSERT INTO decision (letter_id, revision, kind, replay_id, generation, actor, reason, time) "
      "SELECT letter, revision, $4, $5, generation, $6, $7, $8 "
      "FROM unnest($1::uuid[], $2::bigint[], $3::int[]) AS decided(letter, revision, generation)",
      Params::of(letters, revisions, generations, static_cast<std::int16_t>(first.kind), first.replay,
                 first.actor, first.reason, first.time));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> write_events(Session& session, const std::vector<Decision>& decisions,
                                           const EventMaker& events) {
  static const std::string sql = "WITH inserted AS (SELECT id FROM unnest($1::uuid[]) AS decided(id)) " +
                                 outbox::insert_sql("inserted", 2);
  std::vector<Uuid> owners;
  outbox::Columns columns;
  for (const auto& decision : decisions) {
    owners.push_back(decision.letter);
    columns.add(decision.letter, events.decided(decision));
  }
  auto params = Params::of(owners);
  columns.append_to(params);
  const auto written = co_await session.query(sql, std::move(params));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

}  // namespace

asio::awaitable<Result<std::vector<Changed>>> LetterStore::change_state(Session& session,
                                                                        Change change) const {
  auto changed = co_await change_rows(session, change);
  if (!changed || changed->empty()) co_return changed;
  const bool replayed = change.kind != DeadLetterEvent::DISCARDED;
  std::vector<Decision> decisions;
  decisions.reserve(changed->size());
  for (const auto& letter : *changed) {
    decisions.push_back({.letter = letter.letter,
                         .revision = letter.revision,
                         .kind = change.kind,
                         .replay = change.replay,
                         .generation = letter.generation + (replayed ? 1 : 0),
                         .actor = change.actor,
                         .reason = change.reason,
                         .time = change.time});
  }
  if (const auto done = co_await write_decisions(session, decisions); !done)
    co_return std::unexpected(done.error());
  if (const auto done = co_await write_events(session, decisions, events_); !done)
    co_return std::unexpected(done.error());
  co_return changed;
}

}  // namespace bongsu::deadletters
