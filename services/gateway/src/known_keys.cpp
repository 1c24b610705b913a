#include "known_keys.hpp"

namespace bongsu::gateway {

asio::awaitable<Result<KnownKeys>> find_keys(postgres::Pool& pool, std::vector<Uuid> keys,
                                             std::chrono::milliseconds timeout) {
  static constexpr std::string_view kSql =
      "SELECT key, body, id, answer FROM idempotency_key WHERE key = ANY($1::uuid[])";
  const auto rows = co_await pool.query(kSql, postgres::Params::of(keys), timeout);
  if (!rows) co_return std::unexpected(rows.error());
  KnownKeys known;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    known.emplace(rows->get<Uuid>(row, 0), KnownKey{.body = rows->get<Uuid>(row, 1),
                                                    .id = rows->get<Uuid>(row, 2),
                                                    .answer = rows->get<std::optional<std::string>>(row, 3)});
  }
  co_return known;
}

std::optional<Verdict> judge(const KnownKeys& known, std::span<const Uuid> keys, const Uuid& body,
                             const Uuid& id) {
  std::optional<Verdict> verdict;
  for (const auto& key : keys) {
    const auto hit = known.find(key);
    if (hit == known.end()) continue;
    if (hit->second.body != body) return Verdict{.kind = Verdict::Kind::kBodyDiffers, .id = {}, .error = {}};
    if (verdict) continue;
    const bool own = hit->second.id == id;
    verdict = Verdict{own ? Verdict::Kind::kStored : Verdict::Kind::kReplayed, hit->second.id, {}};
  }
  return verdict;
}

asio::awaitable<Result<void>> remember_key(postgres::Pool& pool, Uuid key, KnownKey answered,
                                           std::chrono::milliseconds timeout) {
  static constexpr std::string_view kSql =
      "INSERT INTO idempotency_key (key, body, id, answer) VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO "
      "NOTHING";
  std::optional<postgres::Bytes> answer;
  if (answered.answer) answer = postgres::Bytes{*answered.answer};
  const auto rows =
      co_await pool.query(kSql, postgres::Params::of(key, answered.body, answered.id, answer), timeout);
  if (!rows) co_return std::unexpected(rows.error());
  co_return Result<void>{};
}

asio::awaitable<Result<std::size_t>> forget_keys(postgres::Pool& pool, std::chrono::milliseconds age,
                                                 std::size_t limit) {
  static constexpr std::string_view kSql =
      "DELETE FROM idempotency_key WHERE key IN ("
      "  SELECT key FROM idempotency_key WHERE created_at < now() - $1::bigint * interval '1 millisecond' "
      "LIMIT $2)";
  const auto rows = co_await pool.query(
      kSql, postgres::Params::of(static_cast<std::int64_t>(age.count()), static_cast<std::int64_t>(limit)));
  if (!rows) co_return std::unexpected(rows.error());
  co_return rows->affected();
}

}  // namespace bongsu::gateway
