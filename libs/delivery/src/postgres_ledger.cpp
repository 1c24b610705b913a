#include "ledger_rows.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/delivery/postgres_ledger.hpp>

#include <map>
#include <set>
#include <unordered_map>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace bongsu::delivery {
namespace {

using postgres::Params;
using postgres::Rows;

constexpr std::size_t kMaxBatch = 1'000;

Result<void> without_rows(const Result<Rows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  return {};
}

template <class Answer>
std::vector<Result<Answer>> all_failed(std::size_t count, const Error& error) {
  return std::vector<Result<Answer>>(count, std::unexpected(error));
}

}  // namespace

PostgresLedger::PostgresLedger(const asio::any_io_executor& executor, postgres::Pool& pool,
                               const Settings& settings)
    : pool_(pool),
      settings_(settings),
      look_ups_(executor, kMaxBatch, 1, [this](auto ids) { return look_up_all(std::move(ids)); }),
      claims_(executor, kMaxBatch, 1, [this](auto claims) { return claim_all(std::move(claims)); }),
      outcomes_(executor, kMaxBatch, 1, [this](auto outcomes) { return record_all(std::move(outcomes)); }) {}

asio::awaitable<Result<void>> PostgresLedger::begin_lease(const std::string& owner) {
  const auto rows = co_await pool_.query(
      "INSERT INTO lease (owner, expires_at) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond') "
      "ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at",
      Params::of(owner, static_cast<double>(settings_.lease.count())));
  co_return without_rows(rows);
}

asio::awaitable<Result<bool>> PostgresLedger::renew_lease(const std::string& owner) {
  const auto rows = co_await pool_.query(
      "UPDATE lease SET expires_at = clock_timestamp() + $2 * interval '1 millisecond' WHERE owner = $1",
      Params::of(owner, static_cast<double>(settings_.lease.count())));
  if (!rows) co_return std::unexpected(rows.error());
  co_return rows->affected() == 1;
}

asio::awaitable<Result<void>> PostgresLedger::end_lease(const std::string& owner) {
  co_return without_rows(co_await pool_.query("DELETE FROM lease WHERE owner = $1", Params::of(owner)));
}

asio::awaitable<Result<std::optional<Taken>>> PostgresLedger::take(const kafka::TopicPartition& where,
                                                                   const std::string& owner) {
  const auto rows = co_await pool_.query("SELECT new_epoch, old_claimed_to FROM take_claim($1, $2, $3)",
                                         Params::of(where.topic, std::int32_t{where.partition}, owner));
  if (!rows) co_return std::unexpected(rows.error());
  if (rows->empty()) co_return std::nullopt;
  co_return Taken{.epoch = rows->get<std::int64_t>(0, 0), .claimed_to = rows->get<std::int64_t>(0, 1)};
}

asio::awaitable<Result<bool>> PostgresLedger::claim(const Hold& hold, std::int64_t to) {
  return claims_.submit({&hold, to});
}

asio::awaitable<std::vector<Result<bool>>> PostgresLedger::claim_all(std::vector<Claim> claims) {
  // One row a hold: the highest offset claims what lies below.
  std::map<const Hold*, std::int64_t> highest;
  for (const auto& claim : claims) {
    auto& to = highest[claim.hold];
    to = std::max(to, claim.to);
  }
  std::vector<std::string> topics;
  std::vector<std::int32_t> parts;
  std::vector<std::int64_t> epochs;
  std::vector<std::int64_t> tos;
  for (const auto& [hold, to] : highest) {
    topics.push_back(hold->where.topic);
    parts.push_back(hold->where.partition);
    epochs.push_back(hold->epoch);
    tos.push_back(to);
  }
  const auto rows = co_await pool_.query(
      "UPDATE claim c SET claimed_to = greatest(c.claimed_to, n.claimed_to) "
      "FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS n (topic, part, epoch, claimed_to) "
      "WHERE c.topic = n.topic AND c.part = n.part AND c.epoch = n.epoch RETURNING c.topic, c.part, c.epoch",
      Params::of(topics, parts, epochs, tos));
  if (!rows) co_return all_failed<bool>(claims.size(), rows.error());
  std::set<const Hold*> held;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const kafka::TopicPartition where{rows->get<std::string>(row, 0), rows->get<std::int32_t>(row, 1)};
    for (const auto& [hold, to] : highest) {
      if (hold->where == where && hold->epoch == rows->get<std::int64_t>(row, 2)) held.insert(hold);
    }
  }
  std::vector<Result<bool>> answers;
  answers.reserve(claims.size());
  for (const auto& claim : claims) answers.emplace_back(held.contains(claim.hold));
  co_return answers;
}

asio::awaitable<Result<void>> PostgresLedger::give_back(const Hold& hold,
                                                        std::optional<std::int64_t> lower_to) {
  co_return without_rows(co_await pool_.query(
      "UPDATE claim SET owner = NULL, claimed_to = coalesce($4, claimed_to) "
      "WHERE topic = $1 AND part = $2 AND epoch = $3",
      Params::of(hold.where.topic, std::int32_t{hold.where.partition}, hold.epoch, lower_to)));
}

asio::awaitable<Result<std::vector<Hold>>> PostgresLedger::held_by(const std::string& life) {
  const auto rows = co_await pool_.query(
      "SELECT topic, part, epoch FROM claim WHERE split_part(owner, '.', 1) = $1", Params::of(life));
  if (!rows) co_return std::unexpected(rows.error());
  std::vector<Hold> holds;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    holds.push_back({.where = {rows->get<std::string>(row, 0), rows->get<std::int32_t>(row, 1)},
                     .epoch = rows->get<std::int64_t>(row, 2)});
  }
  co_return holds;
}

asio::awaitable<Result<std::optional<Row>>> PostgresLedger::look_up(const Uuid& id) {
  return look_ups_.submit(id);
}

asio::awaitable<std::vector<PostgresLedger::Looked>> PostgresLedger::look_up_all(std::vector<Uuid> ids) {
  // The bounds let the planner leave out the partitions that none of the ids lies in.
  const auto [least, greatest] = std::ranges::minmax(ids);
  const auto rows = co_await pool_.query(
      std::string{"SELECT "} + kRowColumns + " FROM ledger WHERE id = ANY ($1) AND id >= $2 AND id <= $3",
      Params::of(ids, least, greatest));
  if (!rows) co_return all_failed<std::optional<Row>>(ids.size(), rows.error());
  std::unordered_map<Uuid, std::size_t> found;
  for (std::size_t row = 0; row < rows->size(); ++row) found.emplace(rows->get<Uuid>(row, 0), row);
  std::vector<Looked> answers;
  answers.reserve(ids.size());
  for (const auto& id : ids) {
    const auto hit = found.find(id);
    answers.emplace_back(hit == found.end() ? std::nullopt : std::optional{read_row(*rows, hit->second, 0)});
  }
  co_return answers;
}

asio::awaitable<Result<std::optional<Row>>> PostgresLedger::record(const Hold& hold, const Row& row) {
  return outcomes_.submit({&hold, &row});
}

asio::awaitable<std::vector<PostgresLedger::Looked>> PostgresLedger::record_all(
    std::vector<Outcome> outcomes) {
  auto answers = co_await write_all(outcomes);
  for (;;) {
    // Another transaction wrote these rows after our statement had begun: once more, now they are seen.
    std::vector<std::size_t> places;
    std::vector<Outcome> again;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i] || answers[i].error().code != ErrorCode::kConflict) continue;
      places.push_back(i);
      again.push_back(outcomes[i]);
    }
    if (again.empty()) co_return answers;
    auto now_seen = co_await write_all(again);
    for (std::size_t i = 0; i < places.size(); ++i) answers[places[i]] = std::move(now_seen[i]);
  }
}

asio::awaitable<std::vector<PostgresLedger::Looked>> PostgresLedger::write_all(
    const std::vector<Outcome>& outcomes) {
  RowColumns columns;
  for (const auto& outcome : outcomes) columns.add(*outcome.hold, *outcome.row);
  const auto rows = co_await pool_.query(kWriteRows, columns.params());
  if (!rows) co_return all_failed<std::optional<Row>>(outcomes.size(), rows.error());
  std::unordered_map<Uuid, std::size_t> written;
  written.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row) written.emplace(rows->get<Uuid>(row, 0), row);

  std::vector<Looked> answers;
  answers.reserve(outcomes.size());
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto hit = written.find(outcomes[i].row->id);
    if (hit == written.end()) {
      kept.push_back(i);
      answers.emplace_back(fail(ErrorCode::kInternal, "not answered"));
    } else {
      answers.emplace_back(read_written(*rows, hit->second, *outcomes[i].row));
    }
  }
  if (!kept.empty()) co_await read_kept_rows(outcomes, kept, answers);
  co_return answers;
}

asio::awaitable<void> PostgresLedger::read_kept_rows(const std::vector<Outcome>& outcomes,
                                                     const std::vector<std::size_t>& kept,
                                                     std::vector<Looked>& answers) {
  RowColumns columns;
  for (const auto i : kept) columns.add(*outcomes[i].hold, *outcomes[i].row);
  const auto rows = co_await pool_.query(kReadKept, columns.places());
  std::unordered_map<Uuid, std::size_t> found;
  for (std::size_t row = 0; rows && row < rows->size(); ++row) found.emplace(rows->get<Uuid>(row, 0), row);
  for (const auto i : kept) {
    if (!rows) {
      answers[i] = std::unexpected(rows.error());
      continue;
    }
    const auto hit = found.find(outcomes[i].row->id);
    require(hit != found.end(), "the ledger answers for every outcome");
    answers[i] = read_kept(*rows, hit->second);
  }
}

asio::awaitable<Result<void>> PostgresLedger::keep_refused(const kafka::Record& record, const Error& why) {
  boost::json::array headers;
  for (const auto& header : record.headers) {
    headers.push_back(
        {{"name", header.name}, {"value", is_utf8(header.value) ? header.value : to_base64(header.value)}});
  }
  std::optional<postgres::Bytes> value;
  if (!record.null_value) value = postgres::Bytes{record.value};
  const auto text = boost::json::serialize(headers);
  co_return without_rows(co_await pool_.query(
      "INSERT INTO refused_follow_up (topic, key, headers, value, code) VALUES ($1, $2, $3, $4, $5)",
      Params::of(record.topic, postgres::Bytes{record.key}, postgres::Json{text}, value, why.detail)));
}

asio::awaitable<Result<void>> PostgresLedger::keep_partitions() {
  const auto made = co_await pool_.query(
      "SELECT make_ledger_partitions(now() - $1 * interval '1 millisecond', now() + interval '14 days')",
      Params::of(static_cast<double>(settings_.ledger_retention.count())));
  if (!made) co_return std::unexpected(made.error());
  co_return without_rows(
      co_await pool_.query("SELECT drop_ledger_partitions(now() - $1 * interval '1 millisecond')",
                           Params::of(static_cast<double>(settings_.ledger_retention.count()))));
}

}  // namespace bongsu::delivery
