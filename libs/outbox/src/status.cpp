#include <bongsu/outbox/status.hpp>

namespace bongsu::outbox {
namespace {

using postgres::Params;
using postgres::Pool;
using postgres::Xid;
// What an operator asks for may have to look at a backlog.
constexpr std::chrono::seconds kTimeout{10};

}  // namespace

asio::awaitable<Result<Status>> status(Pool& pool) {
  const auto rows = co_await pool.query(
      "SELECT cursor.xid, cursor.sequence, waiting.count, waiting.oldest, "
      "(extract(epoch FROM outbox_oldest_open_transaction()) * 1000)::bigint, (SELECT count(*) FROM "
      "failed_publication) "
      "FROM outbox_cursor AS cursor, LATERAL (SELECT count(*), min(created_at) AS oldest FROM "
      "  (SELECT created_at FROM outbox WHERE (xid, sequence) > (cursor.xid, cursor.sequence) LIMIT 1000000) "
      "AS first"
      ") AS waiting",
      {}, kTimeout);
  if (!rows) co_return std::unexpected(rows.error());
  Status status{.cursor = {rows->get<Xid>(0, 0), rows->get<std::int64_t>(0, 1)},
                .waiting = rows->get<std::int64_t>(0, 2),
                .oldest_waiting = rows->get<std::optional<Timestamp>>(0, 3),
                .oldest_open_transaction = std::chrono::milliseconds{rows->get<std::int64_t>(0, 4)},
                .failed = rows->get<std::int64_t>(0, 5),
                .leaves = {}};
  const auto leaves = co_await pool.query(
      "SELECT slot, pg_total_relation_size(('outbox_leaf_' || slot)::regclass) FROM generate_series(0, 7) AS "
      "slot "
      "ORDER BY slot",
      {}, kTimeout);
  if (!leaves) co_return std::unexpected(leaves.error());
  for (std::size_t i = 0; i < leaves->size(); ++i)
    status.leaves.push_back({leaves->get<std::int32_t>(i, 0), leaves->get<std::int64_t>(i, 1)});
  co_return status;
}

asio::awaitable<Result<std::vector<FailedPublication>>> failed_publications(Pool& pool, int limit) {
  const auto rows = co_await pool.query(
      "SELECT id, topic, reason, octet_length(value)::bigint, failed_at FROM failed_publication "
      "ORDER BY failed_at DESC, xid DESC, sequence DESC LIMIT $1",
      Params::of(std::int64_t{limit}), kTimeout);
  if (!rows) co_return std::unexpected(rows.error());
  std::vector<FailedPublication> failed;
  for (std::size_t i = 0; i < rows->size(); ++i)
    failed.push_back({.id = rows->get<Uuid>(i, 0),
                      .topic = rows->get<std::string>(i, 1),
                      .reason = rows->get<std::string>(i, 2),
                      .bytes = rows->get<std::int64_t>(i, 3),
                      .failed_at = rows->get<Timestamp>(i, 4)});
  co_return failed;
}

asio::awaitable<Result<void>> retry(Pool& pool, Uuid id) {
  const auto rows = co_await pool.query(
      "WITH taken AS (DELETE FROM failed_publication WHERE id = $1 RETURNING xid, sequence, id, topic, key, "
      "headers, value) "
      "INSERT INTO outbox (id, topic, key, headers, value) "
      "SELECT id, topic, key, headers, value FROM taken ORDER BY xid, sequence",
      Params::of(id));
  if (!rows) co_return std::unexpected(rows.error());
  if (rows->affected() == 0)
    co_return fail(ErrorCode::kNotFound, "outbox: no failed publication has that id");
  co_return Result<void>{};
}

asio::awaitable<Result<Position>> cursor(Pool& pool) {
  const auto rows = co_await pool.query("SELECT xid, sequence FROM outbox_cursor");
  if (!rows) co_return std::unexpected(rows.error());
  co_return Position{rows->get<Xid>(0, 0), rows->get<std::int64_t>(0, 1)};
}

}  // namespace bongsu::outbox
