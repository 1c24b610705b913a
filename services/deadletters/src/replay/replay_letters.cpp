#include "replay_rows.hpp"
#include "replay_store.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace bongsu::deadletters {
namespace {

using events::v1::DeadLetterEvent;
using postgres::Params;
using postgres::Rows;
using postgres::Session;

Result<std::vector<PlannedLetter>> read(const Result<Rows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  std::vector<PlannedLetter> letters;
  letters.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    letters.push_back({.position = rows->get<std::int64_t>(row, 0),
                       .letter = rows->get<Uuid>(row, 1),
                       .generation = rows->get<std::int32_t>(row, 2),
                       .repair = rows->get<std::optional<std::string>>(row, 3).value_or("")});
  }
  return letters;
}

Result<std::vector<Uuid>> read_ids(const Result<Rows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  std::vector<Uuid> ids;
  ids.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row) ids.push_back(rows->get<Uuid>(row, 0));
  return ids;
}

/// Locks the replays, those that there are, in the order of their ids. Before any letter.
asio::awaitable<Result<void>> lock(Session& session, std::vector<Uuid> replays) {
  const auto locked = co_await session.query(
      "SELECT id FROM replay WHERE id = ANY ($1) ORDER BY id FOR UPDATE", Params::of(replays));
  if (!locked) co_return std::unexpected(locked.error());
  co_return Result<void>{};
}

/// What a turn leaves the letters as: replaying what was taken, returned what is gone, skipped the rest.
asio::awaitable<Result<void>> write_turns(Session& session, const Uuid& replay,
                                          const std::vector<Turn>& turns, const std::vector<Changed>& taken) {
  std::map<Uuid, std::int32_t> generations;
  for (const auto& letter : taken) generations.emplace(letter.letter, letter.generation + 1);
  std::vector<std::int64_t> positions;
  std::vector<std::int16_t> steps;
  std::vector<std::int32_t> given;
  for (const auto& turn : turns) {
    const auto generation = generations.find(turn.letter);
    const bool is_taken = generation != generations.end();
    const auto step = turn.gone  ? LetterStep::kReturned
                      : is_taken ? LetterStep::kReplaying
                                 : LetterStep::kSkipped;
    positions.push_back(turn.position);
    steps.push_back(static_cast<std::int16_t>(step));
    given.push_back(is_taken ? generation->second : 0);
  }
  const auto counted = co_await session.query(
      "WITH turned AS (UPDATE replay_letter AS own SET state = turn.state, generation = turn.generation "
      "FROM unnest($2::bigint[], $3::smallint[], $4::int[]) AS turn(position, state, generation) "
      "WHERE own.replay_id = $1 AND own.position = turn.position AND own.state = 0 RETURNING own.state), "
      "sums AS (SELECT count(*) AS waited, count(*) FILTER (WHERE state = 1) AS taken, "
      "count(*) FILTER (WHERE state = 4) AS skipped, count(*) FILTER (WHERE state = 5) AS returned FROM "
      "turned) "
      "UPDATE replay SET waiting = waiting - sums.waited, replaying = replaying + sums.taken, "
      "taken = replay.taken + sums.taken, unsent = unsent + sums.taken, skipped = replay.skipped + "
      "sums.skipped, "
      "returned = replay.returned + sums.returned FROM sums WHERE id = $1",
      Params::of(replay, positions, steps, given));
  if (!counted) co_return std::unexpected(counted.error());
  co_return Result<void>{};
}

LetterStep step_after(Kind kind) {
  if (kind == DeadLetterEvent::DELIVERED) return LetterStep::kDelivered;
  if (kind == DeadLetterEvent::DEAD_AGAIN) return LetterStep::kDeadAgain;
  return LetterStep::kReturned;
}

/// Moves letters of a replay that is locked to what became of them, and its counts with them. What has an
/// outcome was published, whether that is marked yet or not; unless `unpublished`: it never left, and nobody
/// need see to it.
asio::awaitable<Result<void>> write_ends(Session& session, const Uuid& replay,
                                         const std::vector<Uuid>& letters, LetterStep step,
                                         bool unpublished) {
  const auto counted = co_await session.query(
      "WITH before AS (SELECT position, state, sent FROM replay_letter WHERE replay_id = $1 AND "
      "letter_id = ANY ($2) AND state IN (1, 3)), "
      "ended AS (UPDATE replay_letter AS own SET state = $3, sent = true FROM before "
      "WHERE own.replay_id = $1 AND own.position = before.position RETURNING before.state, before.sent), "
      "sums AS (SELECT count(*) AS all_of_them, count(*) FILTER (WHERE state = 1) AS was_replaying, "
      "count(*) FILTER (WHERE state = 3) AS was_dead, count(*) FILTER (WHERE NOT sent) AS unmarked FROM "
      "ended) "
      "UPDATE replay SET replaying = replaying - was_replaying, "
      "dead_again = dead_again - was_dead + CASE WHEN $3 = 3 THEN all_of_them ELSE 0 END, "
      "delivered = delivered + CASE WHEN $3 = 2 THEN all_of_them ELSE 0 END, "
      "returned = returned + CASE WHEN $3 = 5 THEN all_of_them ELSE 0 END, "
      "unsent = unsent - unmarked, sent = replay.sent + CASE WHEN $4 THEN 0 ELSE unmarked END "
      "FROM sums WHERE id = $1",
      Params::of(replay, letters, static_cast<std::int16_t>(step), unpublished));
  if (!counted) co_return std::unexpected(counted.error());
  co_return Result<void>{};
}

std::vector<Uuid> ids_of(const std::vector<Changed>& changed) {
  std::vector<Uuid> ids;
  ids.reserve(changed.size());
  for (const auto& letter : changed) ids.push_back(letter.letter);
  return ids;
}

}  // namespace

asio::awaitable<Result<std::vector<PlannedLetter>>> ReplayStore::waiting(Uuid replay, std::int64_t limit) {
  // Positions count from the youngest; the oldest goes first.
  co_return read(co_await pool_.query(
      "SELECT position, letter_id, generation, repair FROM replay_letter WHERE replay_id = $1 AND state = 0 "
      "ORDER BY position DESC LIMIT $2",
      Params::of(replay, limit)));
}

asio::awaitable<Result<std::vector<PlannedLetter>>> ReplayStore::unsent(Uuid replay, std::int64_t limit) {
  co_return read(
      co_await pool_.query("SELECT position, letter_id, generation, repair FROM replay_letter WHERE "
                           "replay_id = $1 AND state = 1 AND NOT "
                           "sent ORDER BY position DESC LIMIT $2",
                           Params::of(replay, limit)));
}

asio::awaitable<Result<std::vector<Uuid>>> ReplayStore::planned(Uuid replay, std::vector<Uuid> letters) {
  co_return read_ids(co_await pool_.query(
      "SELECT letter_id FROM replay_letter WHERE letter_id = ANY ($2) AND replay_id = $1",
      Params::of(replay, letters)));
}

asio::awaitable<Result<Taken>> ReplayStore::take(Uuid replay, std::vector<Turn> turns, std::string actor,
                                                 Timestamp now) {
  co_return co_await pool_.transaction(
      [&](Session& session) { return take_within(session, replay, turns, actor, now); });
}

asio::awaitable<Result<Taken>> ReplayStore::take_within(Session& session, const Uuid& replay,
                                                        const std::vector<Turn>& turns,
                                                        const std::string& actor, Timestamp now) {
  static const std::string sql = "SELECT " + kReplayColumns + " FROM replay WHERE id = $1 FOR UPDATE";
  const auto locked = co_await session.query(sql, Params::of(replay));
  if (!locked) co_return std::unexpected(locked.error());
  const auto rows = replays_of(*locked);
  if (rows.empty() || rows.front().state != v1::Replay::RUNNING)
    co_return Taken{.letters = {}, .stopped = true};
  // Another worker may have been at it meanwhile.
  auto mine = turns;
  const auto most = static_cast<std::size_t>(may_take(rows.front()));
  if (mine.size() > most) mine.resize(most);
  if (mine.empty()) co_return Taken{};
  Change change{.letters = {},
                .from = {v1::DeadLetter::OPEN},
                .kind = DeadLetterEvent::REPLAYING,
                .replay = replay,
                .actor = actor,
                .reason = {},
                .time = now};
  for (const auto& turn : mine)
    if (!turn.gone) change.letters.push_back(turn.letter);
  auto taken = co_await letters_.change_state(session, std::move(change));
  if (!taken) co_return std::unexpected(taken.error());
  if (const auto written = co_await write_turns(session, replay, mine, *taken); !written)
    co_return std::unexpected(written.error());
  co_return Taken{.letters = std::move(*taken), .stopped = false};
}

asio::awaitable<Result<void>> ReplayStore::mark_sent(Uuid replay, std::vector<std::int64_t> positions) {
  // The replay is locked first, as everywhere. An outcome may have come before this, and changes nothing
  // here.
  const auto marked = co_await pool_.query(
      "WITH locked AS (SELECT id FROM replay WHERE id = $1 FOR UPDATE), "
      "marked AS (UPDATE replay_letter SET sent = true FROM locked WHERE replay_id = locked.id "
      "AND position = ANY ($2) AND NOT sent RETURNING 1), "
      "sums AS (SELECT count(*) AS sent FROM marked) "
      "UPDATE replay SET sent = replay.sent + sums.sent, unsent = unsent - sums.sent FROM sums WHERE id = $1",
      Params::of(replay, positions));
  if (!marked) co_return std::unexpected(marked.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> ReplayStore::give_back(Uuid replay, std::vector<PlannedLetter> letters,
                                                     std::string reason, Timestamp now) {
  co_return co_await pool_.transaction([&](Session& session) -> asio::awaitable<Result<void>> {
    if (const auto locked = co_await lock(session, {replay}); !locked)
      co_return std::unexpected(locked.error());
    Change change{.letters = {},
                  .from = {v1::DeadLetter::REPLAYING},
                  .kind = DeadLetterEvent::REPLAY_ABANDONED,
                  .replay = replay,
                  .actor = {},
                  .reason = reason,
                  .time = now};
    for (const auto& letter : letters) change.letters.push_back(letter.letter);
    const auto changed = co_await letters_.change_state(session, std::move(change));
    if (!changed) co_return std::unexpected(changed.error());
    if (changed->empty()) co_return Result<void>{};
    co_return co_await write_ends(session, replay, ids_of(*changed), LetterStep::kReturned, true);
  });
}

asio::awaitable<Result<bool>> ReplayStore::record_group(Session& session, const Uuid& replay, Kind kind,
                                                        const std::vector<Ended>& ended, Timestamp now) {
  Change change{.letters = {},
                .from = {v1::DeadLetter::REPLAYING},
                .kind = kind,
                .replay = replay,
                .actor = {},
                .reason = ended.front().reason,
                .time = now};
  // Within a generation `delivered` replaces any other outcome: it tells what happened.
  if (kind == DeadLetterEvent::DELIVERED) change.from.push_back(v1::DeadLetter::DEAD_AGAIN);
  for (const auto& one : ended) change.letters.push_back(one.letter);
  const auto changed = co_await letters_.change_state(session, std::move(change));
  if (!changed) co_return std::unexpected(changed.error());
  if (changed->empty()) co_return false;
  const auto written = co_await write_ends(session, replay, ids_of(*changed), step_after(kind), false);
  if (!written) co_return std::unexpected(written.error());
  co_return true;
}

asio::awaitable<Result<std::vector<Uuid>>> ReplayStore::record(Session& session, std::vector<Ended> ended,
                                                               Timestamp now) {
  // By replay, then what may be replaced before what replaces it.
  std::map<std::tuple<Uuid, Kind, std::string>, std::vector<Ended>> groups;
  std::vector<Uuid> replays;
  for (auto& one : ended) {
    replays.push_back(one.replay);
    groups[{one.replay, one.kind, one.reason}].push_back(std::move(one));
  }
  std::ranges::sort(replays);
  replays.erase(std::ranges::unique(replays).begin(), replays.end());
  if (const auto locked = co_await lock(session, replays); !locked) co_return std::unexpected(locked.error());
  std::vector<Uuid> changed;
  for (const auto& [key, group] : groups) {
    const auto done = co_await record_group(session, std::get<0>(key), std::get<1>(key), group, now);
    if (!done) co_return std::unexpected(done.error());
    if (*done && (changed.empty() || changed.back() != std::get<0>(key))) changed.push_back(std::get<0>(key));
  }
  co_return changed;
}

}  // namespace bongsu::deadletters
