#include "bulk/job_store.hpp"

#include "bulk/freezing.hpp"

#include <bongsu/events/v1/job_control.pb.h>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;
using postgres::Params;

/// Counting reads an index of all members of ten years of age; it locks nothing.
constexpr std::chrono::milliseconds kCountTimeout = 20s;

}  // namespace

asio::awaitable<Result<void>> JobStore::note_request(BulkRequest request) {
  static constexpr std::string_view kSql =
      "INSERT INTO bulk_job (job_id, age_group, channel, fallback, purpose, as_of, requested_at, sealed, "
      "counted) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (job_id) DO UPDATE "
      "SET age_group = excluded.age_group, channel = excluded.channel, fallback = excluded.fallback,"
      "    purpose = excluded.purpose, as_of = excluded.as_of, requested_at = excluded.requested_at,"
      "    sealed = excluded.sealed, counted = excluded.counted "
      "WHERE bulk_job.requested_at IS NULL";
  const auto fallback =
      request.fallback ? std::optional{static_cast<std::int16_t>(*request.fallback)} : std::nullopt;
  const auto rows = co_await pool_.query(
      kSql,
      Params::of(request.job, events::name_of(request.age_group), static_cast<std::int16_t>(request.channel),
                 fallback, events::name_of(request.purpose), request.as_of, request.requested_at,
                 postgres::Bytes{request.sealed}, request.counted));
  if (!rows) co_return std::unexpected(rows.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> JobStore::note_control(BulkControl control) {
  static constexpr std::string_view kSql =
      "INSERT INTO bulk_job (job_id, revision, state, pages_allowed) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (job_id) DO UPDATE SET revision = $2, state = $3, pages_allowed = $4,"
      "  sealed = CASE WHEN $5 THEN NULL ELSE bulk_job.sealed END,"
      "  complete = bulk_job.complete OR $5 WHERE bulk_job.revision < $2";
  const bool ended = control.state == events::v1::JobControl::ENDED;
  const auto rows = co_await pool_.query(
      kSql, Params::of(control.job, control.revision, static_cast<std::int16_t>(control.state),
                       control.pages_allowed, ended));
  if (!rows) co_return std::unexpected(rows.error());
  co_return Result<void>{};
}

asio::awaitable<Result<Census>> JobStore::count(events::AgeGroup group, Needs needs,
                                                std::chrono::year_month_day today,
                                                std::optional<Timestamp> as_of) {
  static constexpr std::string_view kSql =
      "SELECT count(*), count(*) FILTER (WHERE $3 AND NOT has_phone),"
      "       count(*) FILTER (WHERE NOT ($3 AND NOT has_phone)"
      "                          AND ($4 AND NOT consent_marketing OR $5 AND NOT consent_night)), now() "
      "FROM member WHERE status = 'ACTIVE' AND birth_date BETWEEN $1 AND $2"
      "              AND created_at <= coalesce($6, now())";
  const auto range = events::birth_dates(group, today);
  const auto rows =
      co_await pool_.query(kSql,
                           Params::of(range.first.value_or(kEarliestBirthDate), range.last, needs.phone,
                                      needs.marketing_consent, needs.night_consent, as_of),
                           kCountTimeout);
  if (!rows) co_return std::unexpected(rows.error());
  co_return Census{.total = rows->get<std::int64_t>(0, 0),
                   .no_recipient = rows->get<std::int64_t>(0, 1),
                   .no_consent = rows->get<std::int64_t>(0, 2),
                   .as_of = as_of.value_or(rows->get<Timestamp>(0, 3))};
}

asio::awaitable<Result<std::optional<BulkRequest>>> JobStore::find_uncounted() {
  static const std::string sql =
      select_job_sql() + " WHERE NOT counted AND requested_at IS NOT NULL ORDER BY requested_at LIMIT 1";
  const auto rows = co_await pool_.query(sql);
  if (!rows) co_return std::unexpected(rows.error());
  if (rows->empty()) co_return std::nullopt;
  co_return read_job(*rows).request;
}

asio::awaitable<Result<void>> JobStore::mark_counted(Uuid job) {
  const auto rows =
      co_await pool_.query("UPDATE bulk_job SET counted = true WHERE job_id = $1", Params::of(job));
  if (!rows) co_return std::unexpected(rows.error());
  co_return Result<void>{};
}

asio::awaitable<Result<std::optional<Slice>>> JobStore::freeze(std::size_t most, Timestamp now) {
  // A coroutine lambda's captures live as long as this frame: transaction() is awaited here.
  const auto body = [&](postgres::Session& session) {
    return freeze_pages(session, {.most = most, .now = now, .lease = lease_});
  };
  co_return co_await pool_.transaction(body);
}

asio::awaitable<Result<std::optional<Slice>>> JobStore::take_over(std::size_t most) {
  static constexpr std::string_view kTake =
      "UPDATE bulk_page SET taken_until = now() + $1 * interval '1 millisecond' WHERE (job_id, page) IN ("
      "  SELECT job_id, page FROM bulk_page WHERE taken_until < now() AND job_id = ("
      "    SELECT job_id FROM bulk_page WHERE taken_until < now() ORDER BY taken_until LIMIT 1)"
      "  ORDER BY page LIMIT $2 FOR UPDATE SKIP LOCKED) "
      "RETURNING job_id, page, members, suppressed, last";
  const auto pages = co_await pool_.query(
      kTake, Params::of(static_cast<double>(lease_.count()), static_cast<std::int64_t>(most)));
  if (!pages) co_return std::unexpected(pages.error());
  if (pages->empty()) co_return std::nullopt;

  static const std::string find_job = select_job_sql() + " WHERE job_id = $1";
  const auto jobs = co_await pool_.query(find_job, Params::of(pages->get<Uuid>(0, 0)));
  if (!jobs) co_return std::unexpected(jobs.error());
  if (jobs->empty()) co_return std::nullopt;
  auto slice = pages_again(read_job(*jobs).request, *pages);
  if (!slice) co_return std::unexpected(slice.error());

  static constexpr std::string_view kMembers =
      "SELECT user_id, sealed, locale FROM member WHERE status = 'ACTIVE' AND user_id = ANY($1)";
  auto members = co_await pool_.query(kMembers, Params::of(user_ids_of(*slice)));
  if (!members) co_return std::unexpected(members.error());
  if (fill_in(*slice, std::move(*members))) {
    if (const auto noted = co_await leave_out(*slice); !noted) co_return std::unexpected(noted.error());
  }
  co_return std::optional{std::move(*slice)};
}

/// Before a page is published without them, it says so: the next one who publishes it says the same.
asio::awaitable<Result<void>> JobStore::leave_out(Slice& slice) {
  std::vector<std::int32_t> numbers;
  std::vector<std::string> suppressed;
  numbers.reserve(slice.parts.size());
  suppressed.reserve(slice.parts.size());
  for (const auto& part : slice.parts) {
    numbers.push_back(static_cast<std::int32_t>(part.page.number));
    suppressed.push_back(to_lines(part.page.suppressed));
  }
  const auto rows = co_await pool_.query(
      "UPDATE bulk_page SET suppressed = own.suppressed FROM unnest($2::integer[], $3::text[])"
      "  AS own(page, suppressed) WHERE job_id = $1 AND bulk_page.page = own.page",
      Params::of(slice.job.job, numbers, suppressed));
  if (!rows) co_return std::unexpected(rows.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> JobStore::settle(Uuid job, std::vector<std::int32_t> pages) {
  const auto rows = co_await pool_.query("DELETE FROM bulk_page WHERE job_id = $1 AND page = ANY($2)",
                                         Params::of(job, pages));
  if (!rows) co_return std::unexpected(rows.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> JobStore::forget(std::chrono::milliseconds age) {
  const auto rows = co_await pool_.query(
      "DELETE FROM bulk_job WHERE state IN ($1, $2) AND complete"
      "  AND requested_at < now() - $3 * interval '1 millisecond'",
      Params::of(static_cast<std::int16_t>(events::v1::JobControl::ENDED),
                 static_cast<std::int16_t>(events::v1::JobControl::CANCELLED),
                 static_cast<double>(age.count())));
  if (!rows) co_return std::unexpected(rows.error());
  co_return Result<void>{};
}

}  // namespace bongsu::gateway
