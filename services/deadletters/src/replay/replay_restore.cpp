#include "replay_rows.hpp"
#include "replay_store.hpp"

#include <bongsu/events/codec.hpp>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using events::v1::DeadLetterEvent;
using postgres::Bytes;
using postgres::Params;
using postgres::Session;

/// Over all letters of a replay at once.
constexpr auto kLongest = 5min;

std::optional<Timestamp> time_of(bool is_there, const google::protobuf::Timestamp& time) {
  return is_there ? events::from_proto(time) : std::nullopt;
}

/// Only the counts, or only the warnings, as a row keeps them.
template <class Fill>
std::string part_of(Fill fill) {
  DeadLetterEvent::Plan plan;
  fill(plan);
  return events::encode(plan);
}

}  // namespace

asio::awaitable<Result<void>> ReplayStore::restore(Session& session, Uuid replay, DeadLetterEvent event) {
  const auto& plan = event.plan();
  ReplayState state{};
  Canaries canaries{};
  const bool known =
      v1::Replay::State_Parse(plan.state(), &state) && v1::Replay::Canaries_Parse(plan.canaries(), &canaries);
  if (!known || state == v1::Replay::STATE_UNSPECIFIED) co_return Result<void>{};
  const auto counts = part_of([&](auto& part) { *part.mutable_counts() = plan.counts(); });
  const auto warnings = part_of([&](auto& part) { *part.mutable_warnings() = plan.warnings(); });
  const auto time = events::from_proto(event.time()).value_or(Timestamp{});
  auto params =
      Params::of(replay, static_cast<std::int64_t>(event.revision()), static_cast<std::int16_t>(state),
                 plan.total(), Bytes{plan.digest()}, Bytes{counts}, Bytes{warnings}, plan.rate_per_second(),
                 plan.canary_count(), plan.canary_min_success_ratio(), static_cast<std::int16_t>(canaries),
                 time_of(plan.has_created_at(), plan.created_at()).value_or(time),
                 time_of(plan.has_expires_at(), plan.expires_at()).value_or(time),
                 time_of(plan.has_started_at(), plan.started_at()),
                 time_of(plan.has_completed_at(), plan.completed_at()), plan.created_by(), plan.executed_by(),
                 plan.cancelled_by(), plan.skipped());
  params.add(plan.filter().empty() ? std::nullopt : std::optional{Bytes{plan.filter()}});
  const auto written = co_await session.query(
      "INSERT INTO replay (id, revision, state, total, digest, counts, warnings, rate, canary_count, "
      "canary_ratio, "
      "canaries, created_at, expires_at, started_at, completed_at, created_by, executed_by, cancelled_by, "
      "skipped, "
      "filter, restored) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
      "$18, "
      "$19, $20, true) ON CONFLICT (id) DO UPDATE SET revision = $2, state = $3, rate = $8, canary_count = "
      "$9, "
      "canary_ratio = $10, canaries = $11, started_at = $14, completed_at = $15, executed_by = $17, "
      "cancelled_by = $18, skipped = $19 WHERE replay.restored AND replay.revision < $2",
      std::move(params));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> ReplayStore::restore_letters(Session& session, Uuid replay,
                                                           DeadLetterEvent event) {
  const auto& told = event.letters();
  std::vector<Uuid> ids;
  ids.reserve(static_cast<std::size_t>(told.letter_ids_size()));
  for (const auto& text : told.letter_ids()) {
    if (const auto id = Uuid::parse(text)) ids.push_back(*id);
  }
  if (!ids.empty()) {
    const auto written = co_await session.query(
        "INSERT INTO replay_letter (replay_id, position, letter_id) SELECT $1, $2 + place - 1, id "
        "FROM unnest($3::uuid[]) WITH ORDINALITY AS letter(id, place) ON CONFLICT DO NOTHING",
        Params::of(replay, told.first(), ids));
    if (!written) co_return std::unexpected(written.error());
  }
  std::vector<Uuid> repaired;
  std::vector<Bytes> sealed;
  for (const auto& [text, box] : told.repairs()) {
    const auto id = Uuid::parse(text);
    if (!id) continue;
    repaired.push_back(*id);
    sealed.push_back({box});
  }
  if (repaired.empty()) co_return Result<void>{};
  const auto written = co_await session.query(
      "UPDATE replay_letter SET repair = sealed FROM unnest($2::uuid[], $3::bytea[]) AS repair(letter, "
      "sealed) "
      "WHERE replay_id = $1 AND letter_id = letter AND replay_letter.repair IS NULL",
      Params::of(replay, repaired, sealed));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> ReplayStore::finish_restore() {
  // What was decided last about each letter under its replay says where it stands there. What was on its way
  // counts as unsent: published once more under the same generation, it is sent once.
  const auto rows = co_await pool_.query("SELECT id FROM replay WHERE restored ORDER BY id");
  if (!rows) co_return std::unexpected(rows.error());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto id = rows->get<Uuid>(row, 0);
    const auto stands = co_await pool_.query(
        "WITH last AS (SELECT DISTINCT ON (letter_id) letter_id, kind, generation FROM decision WHERE "
        "replay_id = $1 "
        "ORDER BY letter_id, revision DESC) "
        "UPDATE replay_letter AS own SET generation = last.generation, sent = last.kind <> 1, "
        "state = CASE last.kind WHEN 1 THEN 1 WHEN 4 THEN 2 WHEN 5 THEN 3 ELSE 5 END "
        "FROM last WHERE own.replay_id = $1 AND own.letter_id = last.letter_id",
        Params::of(id), kLongest);
    if (!stands) co_return std::unexpected(stands.error());
    const auto counted = co_await pool_.query(
        "WITH sums AS (SELECT count(*) FILTER (WHERE state = 0) AS waiting, count(*) FILTER (WHERE state = "
        "1) AS "
        "replaying, count(*) FILTER (WHERE state = 2) AS delivered, count(*) FILTER (WHERE state = 3) AS "
        "dead_again, "
        "count(*) FILTER (WHERE state = 5) AS returned, count(*) FILTER (WHERE state > 0) AS taken, "
        "count(*) FILTER (WHERE state = 1 AND NOT sent) AS unsent, count(*) FILTER (WHERE sent) AS sent, "
        "count(repair) AS repaired FROM replay_letter WHERE replay_id = $1) "
        "UPDATE replay SET waiting = CASE WHEN completed_at IS NULL THEN sums.waiting ELSE 0 END, "
        "replaying = sums.replaying, delivered = sums.delivered, dead_again = sums.dead_again, "
        "skipped = CASE WHEN completed_at IS NULL THEN 0 ELSE skipped END, "
        "returned = CASE WHEN completed_at IS NULL THEN sums.returned ELSE "
        "sums.returned + sums.waiting - skipped END, taken = sums.taken, unsent = sums.unsent, sent = "
        "sums.sent, "
        "repaired = sums.repaired, restored = false FROM sums WHERE id = $1",
        Params::of(id), kLongest);
    if (!counted) co_return std::unexpected(counted.error());
  }
  co_return Result<void>{};
}

}  // namespace bongsu::deadletters
