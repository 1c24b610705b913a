#include "history.hpp"

#include <bongsu/events/ids.hpp>

#include <algorithm>
#include <map>
#include <tuple>

namespace bongsu::gateway {
namespace {

using Wire = events::v1::DeliveryResult;

/// The smallest id of a millisecond; the next one's bounds it from above.
Uuid first_id_of(Timestamp time) {
  std::array<unsigned char, 16> bytes{};
  auto millis = static_cast<std::uint64_t>(time.time_since_epoch().count());
  for (std::size_t i = 6; i-- > 0; millis >>= 8U) bytes[i] = static_cast<unsigned char>(millis & 0xFFU);
  return Uuid{bytes};
}

Progress progress_of(bool waiting, bool refused) {
  if (refused) return Progress::kRefused;
  return waiting ? Progress::kWaiting : Progress::kPublished;
}

/// Whether `event`, written by transaction `xid`, waits in the outbox or was refused by Kafka.
asio::awaitable<Result<Progress>> progress_of(postgres::Pool& pool, std::optional<postgres::Xid> xid,
                                              Uuid event) {
  static constexpr std::string_view kSql =
      "SELECT EXISTS (SELECT FROM outbox WHERE xid = $1 AND id = $2"
      "               AND (xid, sequence) > (SELECT c.xid, c.sequence FROM outbox_cursor AS c)),"
      "       EXISTS (SELECT FROM failed_publication WHERE id = $2)";
  if (!xid) co_return Progress::kPublished;
  const auto rows = co_await pool.query(kSql, postgres::Params::of(*xid, event));
  if (!rows) co_return std::unexpected(rows.error());
  co_return progress_of(rows->get<bool>(0, 0), rows->get<bool>(0, 1));
}

/// A notification begins with its message's millisecond, so messages need no index on it.
asio::awaitable<Result<std::optional<Tracked>>> find_in_messages(postgres::Pool& pool, Uuid id) {
  static constexpr std::string_view kSql =
      "SELECT id, notification_id, channel, xid FROM message "
      "WHERE id >= $2 AND id < $3 AND (id = $1 OR notification_id = $1)";
  const auto rows =
      co_await pool.query(kSql, postgres::Params::of(id, first_id_of(id.time()),
                                                     first_id_of(id.time() + std::chrono::milliseconds{1})));
  if (!rows) co_return std::unexpected(rows.error());
  if (rows->empty()) co_return std::nullopt;
  const auto channel = events::from_proto(static_cast<events::v1::Channel>(rows->get<std::int16_t>(0, 2)));
  const auto progress = co_await progress_of(pool, rows->get<postgres::Xid>(0, 3), rows->get<Uuid>(0, 0));
  if (!channel) co_return std::unexpected(channel.error());
  if (!progress) co_return std::unexpected(progress.error());
  co_return Tracked{rows->get<Uuid>(0, 1), *channel, *progress, {}};
}

/// A signup's notifications begin with the user id's millisecond.
asio::awaitable<Result<std::optional<Tracked>>> find_in_members(postgres::Pool& pool, Uuid id) {
  static constexpr std::string_view kSql =
      "SELECT user_id, xid FROM member WHERE user_id >= $1 AND user_id < $2 AND xid IS NOT NULL";
  const auto rows = co_await pool.query(
      kSql, postgres::Params::of(first_id_of(id.time()).str(),
                                 first_id_of(id.time() + std::chrono::milliseconds{1}).str()));
  if (!rows) co_return std::unexpected(rows.error());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto user_id = Uuid::parse(rows->get<std::string_view>(row, 0));
    if (!user_id) continue;  // upstream's, and by chance between the two
    for (const auto channel : {events::Channel::kEmail, events::Channel::kCoupon}) {
      if (events::notification_id(*user_id, channel) != id) continue;
      const auto progress = co_await progress_of(pool, rows->get<postgres::Xid>(row, 1), *user_id);
      if (!progress) co_return std::unexpected(progress.error());
      co_return Tracked{id, channel, *progress, {}};
    }
  }
  co_return std::nullopt;
}

Attempt attempt_of(const postgres::Rows& rows, std::size_t row) {
  const auto channel = events::from_proto(static_cast<events::v1::Channel>(rows.get<std::int16_t>(row, 5)));
  return {.notification_id = rows.get<Uuid>(row, 0),
          .channel = channel.value_or(events::Channel::kEmail),
          .generation = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 1)),
          .attempt = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 2)),
          .round = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 3)),
          .time = rows.get<Timestamp>(row, 4),
          .outcome = static_cast<Outcome>(rows.get<std::int16_t>(row, 6)),
          .reason = rows.get<std::string>(row, 7),
          .provider_code = rows.get<std::string>(row, 8),
          .tries = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 9)),
          .fallback = rows.get<std::optional<Uuid>>(row, 10)};
}

/// Of the notification and of those that took over from it, one after the other. A fallback's id follows from
/// its parent's, so its results are found even when they come before the parent's own. Clocks of two services
/// differ; what took over comes after.
asio::awaitable<Result<std::vector<Attempt>>> find_attempts(postgres::Pool& pool, Uuid notification_id) {
  // Results may be forged: the depth ends a ring.
  static constexpr std::string_view kSql =
      "WITH RECURSIVE chain(id, depth) AS ("
      "  SELECT $1::uuid, 0 UNION SELECT f, 1 FROM unnest($2::uuid[]) AS f"
      "  UNION SELECT r.fallback_id, chain.depth + 1 FROM delivery_result AS r JOIN chain ON "
      "r.notification_id = chain.id WHERE r.fallback_id IS NOT NULL AND chain.depth < 8) "
      "SELECT notification_id, generation, attempt, round, time, channel, outcome, reason, provider_code, "
      "tries, fallback_id "
      "FROM delivery_result JOIN (SELECT id, min(depth) AS depth FROM chain GROUP BY id) AS c "
      "ON notification_id = c.id ORDER BY generation, c.depth, attempt, round, time";
  std::vector<Uuid> fallbacks;
  fallbacks.reserve(events::kChannels.size());
  for (const auto channel : events::kChannels)
    fallbacks.push_back(events::notification_id(notification_id, channel));
  const auto rows = co_await pool.query(kSql, postgres::Params::of(notification_id, fallbacks));
  if (!rows) co_return std::unexpected(rows.error());
  std::vector<Attempt> attempts;
  for (std::size_t row = 0; row < rows->size(); ++row) attempts.push_back(attempt_of(*rows, row));
  co_return attempts;
}

/// One row an attempt: a statement cannot touch a row twice.
std::vector<Attempt> without_repetitions(std::vector<Attempt> attempts) {
  std::map<std::tuple<Uuid, std::uint32_t, std::uint32_t, std::uint32_t>, Attempt> rows;
  for (auto& attempt : attempts) {
    const std::tuple key{attempt.notification_id, attempt.generation, attempt.attempt, attempt.round};
    const auto [row, is_new] = rows.try_emplace(key, attempt);
    if (is_new) continue;
    const auto fallback = row->second.fallback ? row->second.fallback : attempt.fallback;
    if (attempt.outcome == Wire::DELIVERED) row->second = std::move(attempt);
    row->second.fallback = fallback;
  }
  std::vector<Attempt> sorted;  // in one order: two replicas never wait for each other
  for (auto& [key, attempt] : rows) sorted.push_back(std::move(attempt));
  return sorted;
}

}  // namespace

asio::awaitable<Result<std::optional<Tracked>>> find_message(postgres::Pool& pool, const Uuid& id) {
  auto tracked = co_await find_in_messages(pool, id);
  if (tracked && !*tracked) tracked = co_await find_in_members(pool, id);
  if (!tracked) co_return tracked;
  auto attempts = co_await find_attempts(pool, *tracked ? (*tracked)->notification_id : id);
  if (!attempts) co_return std::unexpected(attempts.error());
  // Upstream's own requests and signups are known by what became of them.
  const auto own = std::ranges::find(*attempts, id, &Attempt::notification_id);
  if (!*tracked && own != attempts->end()) *tracked = Tracked{id, own->channel, Progress::kPublished, {}};
  if (*tracked) (*tracked)->attempts = std::move(*attempts);
  co_return tracked;
}

asio::awaitable<Result<void>> note_attempts(postgres::Pool& pool, std::vector<Attempt> attempts) {
  static constexpr std::string_view kSql =
      "INSERT INTO delivery_result AS known (notification_id, generation, attempt, round, time, channel, "
      "outcome,"
      "                                      reason, provider_code, tries, fallback_id) "
      "SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::timestamptz[],"
      "                     $6::smallint[], $7::smallint[], $8::text[], $9::text[], $10::integer[], "
      "$11::uuid[]) "
      "ON CONFLICT (notification_id, generation, attempt, round) DO UPDATE "
      "SET time = CASE WHEN excluded.outcome = $12 THEN excluded.time ELSE known.time END,"
      "    outcome = CASE WHEN excluded.outcome = $12 THEN excluded.outcome ELSE known.outcome END,"
      "    reason = CASE WHEN excluded.outcome = $12 THEN excluded.reason ELSE known.reason END,"
      "    provider_code = CASE WHEN excluded.outcome = $12 THEN excluded.provider_code ELSE "
      "known.provider_code END,"
      "    tries = CASE WHEN excluded.outcome = $12 THEN excluded.tries ELSE known.tries END,"
      "    fallback_id = coalesce(known.fallback_id, excluded.fallback_id) "
      "WHERE (excluded.outcome = $12 AND known.outcome <> $12)"
      "   OR (known.fallback_id IS NULL AND excluded.fallback_id IS NOT NULL)";
  const auto rows = without_repetitions(std::move(attempts));
  std::vector<Uuid> ids;
  std::vector<std::int32_t> generations, numbers, rounds, tries;
  std::vector<Timestamp> times;
  std::vector<std::int16_t> channels, outcomes;
  std::vector<std::string> reasons, codes;
  std::vector<std::optional<Uuid>> fallbacks;
  for (const auto& row : rows) {
    ids.push_back(row.notification_id);
    generations.push_back(static_cast<std::int32_t>(row.generation));
    numbers.push_back(static_cast<std::int32_t>(row.attempt));
    rounds.push_back(static_cast<std::int32_t>(row.round));
    times.push_back(row.time);
    channels.push_back(static_cast<std::int16_t>(events::to_proto(row.channel)));
    outcomes.push_back(static_cast<std::int16_t>(row.outcome));
    reasons.push_back(row.reason);
    codes.push_back(row.provider_code);
    tries.push_back(static_cast<std::int32_t>(row.tries));
    fallbacks.push_back(row.fallback);
  }
  const auto written = co_await pool.query(
      kSql, postgres::Params::of(ids, generations, numbers, rounds, times, channels, outcomes, reasons, codes,
                                 tries, fallbacks, static_cast<std::int16_t>(Wire::DELIVERED)));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

}  // namespace bongsu::gateway
