#include "job_store.hpp"

#include <bongsu/outbox/columns.hpp>

namespace bongsu::jobs {
namespace {

using namespace std::chrono_literals;
using postgres::Params;
using postgres::Rows;

/// A list may sum up a thousand large jobs.
constexpr auto kLongest = 5s;

const std::string kColumns =
    "job.id, version, state, age_group, channel, job.fallback, purpose, hold, total, planned_no_consent, "
    "planned_inactive, planned_no_recipient, started_at, completed_at, recount, control, revision, "
    "pages_allowed, "
    "control_at, p.planned, p.frozen, p.done, p.last, p.success, p.failure, p.unknown, p.no_consent, "
    "p.inactive, "
    "p.no_recipient, p.cancelled, p.fell_back ";

const std::string kSums =
    "LEFT JOIN LATERAL (SELECT count(size) AS planned, coalesce(sum(size), 0)::bigint AS frozen, "
    "count(*) FILTER (WHERE size = success + failure + unknown + no_consent + inactive + no_recipient + "
    "cancelled) "
    "AS done, max(page) FILTER (WHERE page.last) AS last, coalesce(sum(success), 0)::bigint AS success, "
    "coalesce(sum(failure), 0)::bigint AS failure, coalesce(sum(unknown), 0)::bigint AS unknown, "
    "coalesce(sum(no_consent), 0)::bigint AS no_consent, coalesce(sum(inactive), 0)::bigint AS inactive, "
    "coalesce(sum(no_recipient), 0)::bigint AS no_recipient, coalesce(sum(cancelled), 0)::bigint AS "
    "cancelled, "
    "coalesce(sum(page.fallback), 0)::bigint AS fell_back FROM page WHERE page.job_id = job.id) AS p ON "
    "true ";

std::optional<events::Channel> channel_of(std::optional<std::int16_t> number) {
  if (!number) return std::nullopt;
  return static_cast<events::Channel>(*number);
}

std::int16_t number_of(events::Channel channel) { return static_cast<std::int16_t>(channel); }
std::optional<std::int16_t> number_of(std::optional<events::Channel> channel) {
  if (!channel) return std::nullopt;
  return number_of(*channel);
}

JobRow job_at(const Rows& rows, std::size_t row) {
  return {.id = rows.get<Uuid>(row, 0),
          .version = rows.get<std::int64_t>(row, 1),
          .state = static_cast<State>(rows.get<std::int16_t>(row, 2)),
          .age_group = rows.get<std::string>(row, 3),
          .channel = *channel_of(rows.get<std::int16_t>(row, 4)),
          .fallback = channel_of(rows.get<std::optional<std::int16_t>>(row, 5)),
          .purpose = rows.get<std::string>(row, 6),
          .hold = rows.get<bool>(row, 7),
          .total = rows.get<std::optional<std::int64_t>>(row, 8),
          .planned_no_consent = rows.get<std::int64_t>(row, 9),
          .planned_inactive = rows.get<std::int64_t>(row, 10),
          .planned_no_recipient = rows.get<std::int64_t>(row, 11),
          .started_at = rows.get<std::optional<Timestamp>>(row, 12),
          .completed_at = rows.get<std::optional<Timestamp>>(row, 13),
          .recount = rows.get<bool>(row, 14),
          .control = static_cast<Control>(rows.get<std::int16_t>(row, 15)),
          .revision = rows.get<std::int64_t>(row, 16),
          .pages_allowed = rows.get<std::int32_t>(row, 17),
          .control_at = rows.get<Timestamp>(row, 18)};
}

PageSums sums_at(const Rows& rows, std::size_t row) {
  const auto number = [&](std::size_t column) { return rows.get<std::int64_t>(row, column); };
  return {.planned = number(19),
          .frozen = number(20),
          .done = number(21),
          .last = rows.get<std::optional<std::int32_t>>(row, 22),
          .success = number(23),
          .failure = number(24),
          .unknown = number(25),
          .no_consent = number(26),
          .inactive = number(27),
          .no_recipient = number(28),
          .cancelled = number(29),
          .fallback = number(30)};
}

Result<std::vector<Snapshot>> snapshots_of(const Result<Rows>& rows) {
  if (!rows) return std::unexpected(rows.error());
  std::vector<Snapshot> snapshots;
  snapshots.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row)
    snapshots.push_back({job_at(*rows, row), sums_at(*rows, row)});
  return snapshots;
}

outbox::Columns columns_of(const Uuid& job, std::vector<outbox::Event> events) {
  outbox::Columns columns;
  for (auto& event : events) columns.add(job, std::move(event));
  return columns;
}

}  // namespace

asio::awaitable<Result<bool>> JobStore::create(JobRow job, Request request,
                                               std::vector<outbox::Event> events) {
  static const std::string sql =
      "WITH inserted AS (INSERT INTO job (id, state, age_group, channel, fallback, purpose, hold, total, "
      "started_at, "
      "control, revision, pages_allowed, control_at, caller, request_id, body) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
      "ON CONFLICT DO NOTHING RETURNING id), written AS (" +
      outbox::insert_sql("inserted", 17) + ") SELECT id FROM inserted";
  auto params = Params::of(job.id, static_cast<std::int16_t>(job.state), job.age_group,
                           number_of(job.channel), number_of(job.fallback), job.purpose, job.hold, job.total,
                           job.started_at, static_cast<std::int16_t>(job.control), job.revision,
                           job.pages_allowed, job.control_at, request.caller, request.id, request.body);
  columns_of(job.id, std::move(events)).append_to(params);
  const auto rows = co_await pool_.query(sql, std::move(params));
  if (!rows) co_return std::unexpected(rows.error());
  co_return rows->size() == 1;
}

asio::awaitable<Result<std::optional<Uuid>>> JobStore::find_request(Request request) {
  if (!request.id) co_return std::optional<Uuid>{};
  const auto rows = co_await pool_.query("SELECT id, body FROM job WHERE caller = $1 AND request_id = $2",
                                         Params::of(request.caller, *request.id));
  if (!rows) co_return std::unexpected(rows.error());
  if (rows->empty()) co_return std::optional<Uuid>{};
  if (rows->get<Uuid>(0, 1) != request.body)
    co_return fail(ErrorCode::kAlreadyExists, "the request_id belongs to a job with another body");
  co_return std::optional{rows->get<Uuid>(0, 0)};
}

asio::awaitable<Result<std::vector<Snapshot>>> JobStore::find(std::vector<Uuid> ids) {
  static const std::string sql = "SELECT " + kColumns + "FROM job " + kSums + "WHERE job.id = ANY ($1)";
  co_return snapshots_of(co_await pool_.query(sql, Params::of(ids)));
}

asio::awaitable<Result<std::optional<Snapshot>>> JobStore::find(Uuid id) {
  auto found = co_await find(std::vector{id});
  if (!found) co_return std::unexpected(found.error());
  if (found->empty()) co_return std::optional<Snapshot>{};
  co_return std::move(found->front());
}

asio::awaitable<Result<std::vector<Snapshot>>> JobStore::open_jobs() {
  static const std::string sql =
      "SELECT " + kColumns + "FROM job " + kSums + "WHERE job.completed_at IS NULL OR job.recount";
  co_return snapshots_of(co_await pool_.query(sql, {}, kLongest));
}

asio::awaitable<Result<std::vector<Snapshot>>> JobStore::list(std::optional<Uuid> after,
                                                              std::vector<std::int16_t> states,
                                                              std::int32_t limit) {
  static const std::string sql =
      "SELECT " + kColumns +
      "FROM (SELECT * FROM job WHERE ($1::uuid IS NULL OR id < $1) AND (cardinality($2::smallint[]) = 0 "
      "OR state = ANY ($2)) ORDER BY id DESC LIMIT $3) AS job " +
      kSums + "ORDER BY job.id DESC";
  co_return snapshots_of(co_await pool_.query(sql, Params::of(after, states, limit), kLongest));
}

asio::awaitable<Result<bool>> JobStore::update(JobRow job, std::vector<outbox::Event> events) {
  static const std::string sql =
      "WITH inserted AS (UPDATE job SET version = version + 1, state = $3, hold = $4, started_at = $5, "
      "completed_at = $6, recount = $7, control = $8, revision = $9, pages_allowed = $10, control_at = $11 "
      "WHERE id = $1 AND version = $2 RETURNING id), written AS (" +
      outbox::insert_sql("inserted", 12) + ") SELECT id FROM inserted";
  auto params = Params::of(
      job.id, job.version, static_cast<std::int16_t>(job.state), job.hold, job.started_at, job.completed_at,
      job.recount, static_cast<std::int16_t>(job.control), job.revision, job.pages_allowed, job.control_at);
  columns_of(job.id, std::move(events)).append_to(params);
  const auto rows = co_await pool_.query(sql, std::move(params));
  if (!rows) co_return std::unexpected(rows.error());
  co_return rows->size() == 1;
}

asio::awaitable<Result<std::vector<FailureRow>>> JobStore::failures(Uuid job, std::int32_t after_page,
                                                                    std::int32_t after_index,
                                                                    std::int32_t limit) {
  const auto rows = co_await pool_.query(
      "SELECT page, index, notification_id, recipient_masked, reason, attempts, time FROM failure "
      "WHERE job_id = $1 AND (page, index) > ($2, $3) ORDER BY page, index LIMIT $4",
      Params::of(job, after_page, after_index, limit));
  if (!rows) co_return std::unexpected(rows.error());
  std::vector<FailureRow> failures;
  failures.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    failures.push_back({.page = rows->get<std::int32_t>(row, 0),
                        .index = rows->get<std::int32_t>(row, 1),
                        .notification_id = rows->get<Uuid>(row, 2),
                        .recipient_masked = rows->get<std::string>(row, 3),
                        .reason = rows->get<std::string>(row, 4),
                        .attempts = rows->get<std::int32_t>(row, 5),
                        .time = rows->get<Timestamp>(row, 6)});
  }
  co_return failures;
}

}  // namespace bongsu::jobs
