#include "ledger_rows.hpp"

namespace bongsu::delivery {

Row read_row(const postgres::Rows& rows, std::size_t row, std::size_t first) {
  const auto number = [&](std::size_t column) {
    return static_cast<std::uint32_t>(rows.get<std::int32_t>(row, first + column));
  };
  return {.id = rows.get<Uuid>(row, first),
          .generation = number(1),
          .attempt = number(2),
          .round = number(3),
          .outcome = static_cast<Outcome>(rows.get<std::int16_t>(row, first + 4)),
          .maybe = rows.get<bool>(row, first + 5),
          .reason = rows.get<std::string>(row, first + 6),
          .provider_code = rows.get<std::string>(row, first + 7),
          .provider_id = rows.get<std::string>(row, first + 8),
          .message = rows.get<std::string>(row, first + 9),
          .tries = number(10),
          .total_tries = number(11),
          .latency = std::chrono::milliseconds{rows.get<std::int64_t>(row, first + 12)},
          .ended_at = rows.get<Timestamp>(row, first + 13),
          .first_failed_at = rows.get<std::optional<Timestamp>>(row, first + 14)};
}

Row read_written(const postgres::Rows& rows, std::size_t row, Row offered) {
  offered.attempt = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 1));
  offered.round = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 2));
  offered.maybe = rows.get<bool>(row, 3);
  return offered;
}

Result<std::optional<Row>> read_kept(const postgres::Rows& rows, std::size_t row) {
  if (rows.get<bool>(row, 1)) return std::nullopt;
  if (rows.is_null(row, 2)) return fail(ErrorCode::kConflict, "the row was written meanwhile");
  return read_row(rows, row, 2);
}

// Of a former owner only `delivered` (1) is accepted: it tells what happened. Everything else is a
// decision, and those are the present owner's. The check takes no lock on the claim: a decision that
// began before a take and commits after it is seen at the new owner's second look-up, `grace` later than
// any statement may last. The condition of the update and its columns are merge() of row.cpp. No join:
// what PostgreSQL believes of a batch's size would make it a nested loop, and its cost grow by the square.
const char* const kWriteRows = R"sql(
INSERT INTO ledger AS l (id, generation, attempt, round, outcome, maybe, reason, provider_code, provider_id,
                         message, tries, total_tries, latency_ms, ended_at, first_failed_at)
SELECT id, generation, attempt, round, outcome, maybe, reason, provider_code, provider_id, message, tries,
       total_tries, latency_ms, ended_at, first_failed_at
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[], $5::int[], $6::int[], $7::int[],
            $8::smallint[], $9::boolean[], $10::text[], $11::text[], $12::text[], $13::text[],
            $14::int[], $15::int[], $16::bigint[], $17::timestamptz[], $18::timestamptz[])
  AS o (topic, part, epoch, id, generation, attempt, round, outcome, maybe, reason, provider_code,
        provider_id, message, tries, total_tries, latency_ms, ended_at, first_failed_at)
WHERE o.outcome = 1
   OR EXISTS (SELECT FROM claim c WHERE c.topic = o.topic AND c.part = o.part AND c.epoch = o.epoch)
ORDER BY id
ON CONFLICT (id) DO UPDATE SET
  attempt = CASE WHEN (excluded.generation, excluded.attempt, excluded.round) > (l.generation, l.attempt, l.round)
                 THEN excluded.attempt ELSE l.attempt END,
  round = CASE WHEN (excluded.generation, excluded.attempt, excluded.round) > (l.generation, l.attempt, l.round)
               THEN excluded.round ELSE l.round END,
  maybe = l.maybe OR excluded.maybe
          OR (excluded.generation, excluded.attempt, excluded.round) <= (l.generation, l.attempt, l.round),
  generation = excluded.generation, outcome = excluded.outcome, reason = excluded.reason,
  provider_code = excluded.provider_code, provider_id = excluded.provider_id, message = excluded.message,
  tries = excluded.tries, total_tries = excluded.total_tries, latency_ms = excluded.latency_ms,
  ended_at = excluded.ended_at, first_failed_at = excluded.first_failed_at
WHERE NOT (l.outcome = 1 AND l.generation = excluded.generation)
  AND ((excluded.generation, excluded.attempt, excluded.round) > (l.generation, l.attempt, l.round)
       OR (excluded.outcome = 1 AND excluded.generation = l.generation)
       OR (l.outcome = 0 AND excluded.outcome <> 0
           AND (excluded.generation, excluded.attempt, excluded.round) = (l.generation, l.attempt, l.round)))
RETURNING l.id, l.attempt, l.round, l.maybe
)sql";

const char* const kReadKept = R"sql(
SELECT o.id,
       o.outcome <> 1
         AND NOT EXISTS (SELECT FROM claim c WHERE c.topic = o.topic AND c.part = o.part AND c.epoch = o.epoch),
       l.id, l.generation, l.attempt, l.round, l.outcome, l.maybe, l.reason, l.provider_code, l.provider_id,
       l.message, l.tries, l.total_tries, l.latency_ms, l.ended_at, l.first_failed_at
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[], $5::smallint[])
  AS o (topic, part, epoch, id, outcome)
LEFT JOIN LATERAL (SELECT * FROM ledger WHERE ledger.id = o.id OFFSET 0) l ON true
)sql";

void RowColumns::add(const Hold& hold, const Row& row) {
  topics_.push_back(hold.where.topic);
  parts_.push_back(hold.where.partition);
  epochs_.push_back(hold.epoch);
  ids_.push_back(row.id);
  generations_.push_back(static_cast<std::int32_t>(row.generation));
  attempts_.push_back(static_cast<std::int32_t>(row.attempt));
  rounds_.push_back(static_cast<std::int32_t>(row.round));
  outcomes_.push_back(static_cast<std::int16_t>(row.outcome));
  maybes_.push_back(row.maybe);
  reasons_.push_back(row.reason);
  provider_codes_.push_back(row.provider_code);
  provider_ids_.push_back(row.provider_id);
  messages_.push_back(row.message);
  tries_.push_back(static_cast<std::int32_t>(row.tries));
  total_tries_.push_back(static_cast<std::int32_t>(row.total_tries));
  latencies_.push_back(row.latency.count());
  ended_at_.push_back(row.ended_at);
  first_failed_at_.push_back(row.first_failed_at);
}

postgres::Params RowColumns::places() const {
  return postgres::Params::of(topics_, parts_, epochs_, ids_, outcomes_);
}

postgres::Params RowColumns::params() const {
  return postgres::Params::of(topics_, parts_, epochs_, ids_, generations_, attempts_, rounds_, outcomes_,
                              maybes_, reasons_, provider_codes_, provider_ids_, messages_, tries_,
                              total_tries_, latencies_, ended_at_, first_failed_at_);
}

}  // namespace bongsu::delivery
