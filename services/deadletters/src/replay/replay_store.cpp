#include "replay_store.hpp"

#include "replay_rows.hpp"

#include <bongsu/events/codec.hpp>
#include <bongsu/outbox/columns.hpp>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using events::v1::DeadLetterEvent;
using postgres::Bytes;
using postgres::Params;
using postgres::Rows;

/// Letter ids in one event: some 36 KiB.
constexpr std::size_t kIdsOfAnEvent = 1'000;
constexpr auto kLongDrop = 30s;

outbox::Columns columns_of(const Uuid& replay, std::vector<outbox::Event> events) {
  outbox::Columns columns;
  for (auto& event : events) columns.add(replay, std::move(event));
  return columns;
}

Result<void> nothing_of(const Result<Rows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  return {};
}

DeadLetterEvent letters_event(const Uuid& replay, std::int64_t first, std::span<const Uuid> letters,
                              Timestamp now) {
  DeadLetterEvent event;
  event.set_kind(DeadLetterEvent::PLAN_LETTERS);
  event.set_replay_id(replay.str());
  *event.mutable_time() = events::to_proto(now);
  event.mutable_letters()->set_first(first);
  for (const auto& letter : letters) event.mutable_letters()->add_letter_ids(letter.str());
  return event;
}

DeadLetterEvent repairs_event(const Uuid& replay, const std::vector<SealedRepair>& repairs, Timestamp now) {
  DeadLetterEvent event;
  event.set_kind(DeadLetterEvent::PLAN_LETTERS);
  event.set_replay_id(replay.str());
  *event.mutable_time() = events::to_proto(now);
  auto& sealed = *event.mutable_letters()->mutable_repairs();
  for (const auto& repair : repairs) sealed[repair.letter.str()] = repair.sealed;
  return event;
}

Result<std::vector<Replay>> read(const Result<Rows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  return replays_of(*rows);
}

}  // namespace

outbox::Event ReplayStore::changed(const Replay& replay, Timestamp now) const {
  return events_.event(replay.id, plan_event(replay, now), now);
}

asio::awaitable<Result<void>> ReplayStore::begin_plan(Replay replay) {
  co_return nothing_of(
      co_await pool_.query("INSERT INTO replay (id, state, filter, created_at, expires_at, created_by) "
                           "VALUES ($1, 0, $2::bytea, $3, $4, $5)",
                           Params{}
                               .add(replay.id)
                               .add(replay.filter ? std::optional{Bytes{*replay.filter}} : std::nullopt)
                               .add(replay.created_at)
                               .add(replay.expires_at)
                               .add(replay.created_by)));
}

asio::awaitable<Result<void>> ReplayStore::add_letters(Uuid replay, std::int64_t first,
                                                       std::vector<Uuid> letters, Timestamp now) {
  static const std::string sql =
      "WITH inserted AS (SELECT $1::uuid AS id), frozen AS (INSERT INTO replay_letter (replay_id, position, "
      "letter_id) "
      "SELECT $1, $2 + place - 1, id FROM unnest($3::uuid[]) WITH ORDINALITY AS letter(id, place)) " +
      outbox::insert_sql("inserted", 4);
  std::vector<outbox::Event> events;
  const std::span all{letters};
  for (std::size_t begin = 0; begin < all.size(); begin += kIdsOfAnEvent) {
    const auto some = all.subspan(begin, std::min(kIdsOfAnEvent, all.size() - begin));
    events.push_back(events_.event(
        replay, letters_event(replay, first + static_cast<std::int64_t>(begin), some, now), now));
  }
  auto params = Params::of(replay, first, letters);
  columns_of(replay, std::move(events)).append_to(params);
  co_return nothing_of(co_await pool_.query(sql, std::move(params)));
}

asio::awaitable<Result<void>> ReplayStore::finish_plan(Replay replay, Timestamp now) {
  static const std::string sql =
      "WITH inserted AS (UPDATE replay SET state = 1, revision = $2, total = $3, waiting = $3, digest = $4, "
      "counts = $5, warnings = $6, expires_at = $7 WHERE id = $1 AND state = 0 RETURNING id) " +
      outbox::insert_sql("inserted", 8);
  const auto counts = counts_column(replay);
  const auto warnings = warnings_column(replay);
  auto params = Params::of(replay.id, replay.revision, replay.progress.waiting, Bytes{replay.digest},
                           Bytes{counts}, Bytes{warnings}, replay.expires_at);
  std::vector<outbox::Event> events;
  events.push_back(changed(replay, now));
  columns_of(replay.id, std::move(events)).append_to(params);
  co_return nothing_of(co_await pool_.query(sql, std::move(params)));
}

asio::awaitable<Result<void>> ReplayStore::drop_plan(Uuid replay) {
  co_return nothing_of(
      co_await pool_.query("WITH letters AS (DELETE FROM replay_letter WHERE replay_id = $1) DELETE FROM "
                           "replay WHERE id = $1 AND state = 0",
                           Params::of(replay), kLongDrop));
}

asio::awaitable<Result<void>> ReplayStore::drop_torn_plans() {
  const auto torn = co_await pool_.query(
      "SELECT id FROM replay WHERE state = 0 AND created_at < now() - interval '1 hour' LIMIT 10");
  if (!torn) co_return std::unexpected(torn.error());
  for (std::size_t row = 0; row < torn->size(); ++row) {
    if (auto dropped = co_await drop_plan(torn->get<Uuid>(row, 0)); !dropped) co_return dropped;
  }
  co_return Result<void>{};
}

asio::awaitable<Result<std::optional<Replay>>> ReplayStore::find(Uuid id) {
  static const std::string sql =
      "SELECT " + kReplayColumns + " FROM replay WHERE id = $1 AND state > 0 AND NOT restored";
  auto found = read(co_await pool_.query(sql, Params::of(id)));
  if (!found) co_return std::unexpected(found.error());
  if (found->empty()) co_return std::optional<Replay>{};
  co_return std::move(found->front());
}

asio::awaitable<Result<std::vector<Replay>>> ReplayStore::list(std::optional<Uuid> after,
                                                               std::vector<std::int16_t> states,
                                                               std::int32_t limit) {
  static const std::string sql =
      "SELECT " + kReplayColumns +
      " FROM replay WHERE state > 0 AND NOT restored AND ($1::uuid IS NULL OR id < $1) AND "
      "(cardinality($2::smallint[]) = 0 OR "
      "state = ANY ($2)) ORDER BY id DESC LIMIT $3";
  co_return read(co_await pool_.query(sql, Params::of(after, states, limit)));
}

asio::awaitable<Result<std::vector<Replay>>> ReplayStore::due() {
  static const std::string sql = "SELECT " + kReplayColumns +
                                 " FROM replay WHERE completed_at IS NULL AND NOT restored AND (state = 2 OR "
                                 "(state = 1 AND expires_at <= now()))";
  co_return read(co_await pool_.query(sql));
}

asio::awaitable<Result<bool>> ReplayStore::update(Replay replay, std::vector<SealedRepair> repairs,
                                                  Timestamp now) {
  // A plan that ends returns what waits, whatever that is by now: letters may be taken between reading and
  // writing.
  static const std::string sql =
      "WITH inserted AS (UPDATE replay SET version = version + 1, revision = revision + 1, state = $3, rate "
      "= $4, "
      "canary_count = $5, canary_ratio = $6, canaries = $7, started_at = $8, completed_at = $9, executed_by "
      "= $10, "
      "cancelled_by = $11, repaired = $12, returned = CASE WHEN $9 IS NULL THEN returned ELSE returned + "
      "waiting END, "
      "waiting = CASE WHEN $9 IS NULL THEN waiting ELSE 0 END WHERE id = $1 AND version = $2 RETURNING id), "
      "repaired AS (UPDATE replay_letter SET repair = sealed FROM inserted, "
      "unnest($13::uuid[], $14::bytea[]) AS repair(letter, sealed) "
      "WHERE replay_id = inserted.id AND letter_id = letter), written AS (" +
      outbox::insert_sql("inserted", 15) + ") SELECT id FROM inserted";
  std::vector<Uuid> letters;
  std::vector<Bytes> sealed;
  for (const auto& repair : repairs) {
    letters.push_back(repair.letter);
    sealed.push_back({repair.sealed});
  }
  auto params = Params::of(replay.id, replay.version, static_cast<std::int16_t>(replay.state), replay.rate,
                           replay.canary.count, replay.canary.ratio,
                           static_cast<std::int16_t>(replay.canaries), replay.started_at, replay.completed_at,
                           replay.executed_by, replay.cancelled_by, replay.repaired, letters, sealed);
  std::vector<outbox::Event> events;
  if (!repairs.empty())
    events.push_back(events_.event(replay.id, repairs_event(replay.id, repairs, now), now));
  auto told = replay;
  ++told.revision;
  events.push_back(changed(told, now));
  columns_of(replay.id, std::move(events)).append_to(params);
  const auto rows = co_await pool_.query(sql, std::move(params));
  if (!rows) co_return std::unexpected(rows.error());
  co_return rows->size() == 1;
}

asio::awaitable<Result<std::vector<Uuid>>> ReplayStore::claim(Uuid owner, std::chrono::milliseconds lease) {
  const auto rows = co_await pool_.query(
      "UPDATE replay SET owner = $1, lease_until = now() + $2::bigint * interval '1 millisecond' "
      "WHERE NOT restored AND (state = 2 OR unsent > 0) AND (owner IS NULL OR owner = $1 OR lease_until < "
      "now()) RETURNING id",
      Params::of(owner.str(), static_cast<std::int64_t>(lease.count())));
  if (!rows) co_return std::unexpected(rows.error());
  std::vector<Uuid> ids;
  for (std::size_t row = 0; row < rows->size(); ++row) ids.push_back(rows->get<Uuid>(row, 0));
  co_return ids;
}

asio::awaitable<Result<void>> ReplayStore::release(Uuid owner) {
  co_return nothing_of(co_await pool_.query(
      "UPDATE replay SET owner = NULL, lease_until = NULL WHERE owner = $1", Params::of(owner.str())));
}

}  // namespace bongsu::deadletters
