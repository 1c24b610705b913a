#include "page_store.hpp"

#include <algorithm>

namespace bongsu::jobs {
namespace {

using postgres::Params;
using postgres::Session;

std::set<PageKey> touched_pages(const Batch& batch) {
  std::set<PageKey> keys;
  for (const auto& result : batch.results) keys.insert({result.job, result.page});
  for (const auto& page : batch.pages) keys.insert({page.job, page.page});
  return keys;
}

/// Locks the pages' rows, in one order for all writers, and makes those that are not there yet.
asio::awaitable<Result<std::map<PageKey, Page>>> lock_pages(Session& session, std::set<PageKey> keys) {
  std::map<PageKey, Page> pages;
  if (keys.empty()) co_return pages;
  std::vector<Uuid> jobs;
  std::vector<std::int32_t> numbers;
  for (const auto& key : keys) {
    jobs.push_back(key.job);
    numbers.push_back(key.page);
  }
  const auto made = co_await session.query(
      "INSERT INTO page (job_id, page) SELECT * FROM unnest($1::uuid[], $2::int[]) AS asked(job_id, page) "
      "WHERE NOT EXISTS (SELECT FROM page WHERE page.job_id = asked.job_id AND page.page = asked.page) "
      "ORDER BY 1, 2 ON CONFLICT DO NOTHING",
      Params::of(jobs, numbers));
  if (!made) co_return std::unexpected(made.error());
  const auto rows = co_await session.query(
      "SELECT page.job_id, page.page, page.size, page.last, page.outcomes "
      "FROM unnest($1::uuid[], $2::int[]) AS asked(job_id, page) JOIN page USING (job_id, page) "
      "ORDER BY 1, 2 FOR UPDATE OF page",
      Params::of(jobs, numbers));
  if (!rows) co_return std::unexpected(rows.error());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    pages.emplace(PageKey{rows->get<Uuid>(row, 0), rows->get<std::int32_t>(row, 1)},
                  Page{.size = rows->get<std::optional<std::int32_t>>(row, 2),
                       .last = rows->get<bool>(row, 3),
                       .outcomes = rows->get<std::string>(row, 4)});
  }
  co_return pages;
}

/// The changed pages as columns.
class PageColumns {
 public:
  void add(const PageKey& key, const Page& page) {
    const auto counts = page.count();
    jobs_.push_back(key.job);
    numbers_.push_back(key.page);
    sizes_.push_back(page.size);
    lasts_.push_back(page.last);
    outcomes_.push_back({page.outcomes});
    for (std::size_t i = 1; i < counts.of.size(); ++i) counts_[i].push_back(counts.of[i]);
    fallback_.push_back(counts.fallback);
  }
  Params params() const {
    auto params = Params::of(jobs_, numbers_, sizes_, lasts_, outcomes_);
    for (std::size_t i = 1; i < counts_.size(); ++i) params.add(counts_[i]);
    params.add(fallback_);
    return params;
  }

 private:
  std::vector<Uuid> jobs_;
  std::vector<std::int32_t> numbers_;
  std::vector<std::optional<std::int32_t>> sizes_;
  std::vector<bool> lasts_;
  std::vector<postgres::Bytes> outcomes_;
  std::array<std::vector<std::int16_t>, 8> counts_;
  std::vector<std::int16_t> fallback_;
};

asio::awaitable<Result<void>> write_pages(Session& session, const PageBatch& batch) {
  if (batch.changed().empty()) co_return Result<void>{};
  PageColumns columns;
  for (const auto& key : batch.changed()) columns.add(key, batch.pages().at(key));
  const auto written = co_await session.query(
      "UPDATE page SET size = new.size, last = new.last, outcomes = new.outcomes, success = new.success, "
      "failure = new.failure, unknown = new.unknown, no_consent = new.no_consent, inactive = new.inactive, "
      "no_recipient = new.no_recipient, cancelled = new.cancelled, fallback = new.fallback "
      "FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bool[], $5::bytea[], $6::smallint[], "
      "$7::smallint[], "
      "$8::smallint[], $9::smallint[], $10::smallint[], $11::smallint[], $12::smallint[], $13::smallint[]) "
      "AS new(job_id, page, size, last, outcomes, success, failure, unknown, no_consent, inactive, "
      "no_recipient, "
      "cancelled, fallback) WHERE page.job_id = new.job_id AND page.page = new.page",
      columns.params());
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> write_failures(Session& session, const PageBatch& batch) {
  if (batch.failed().empty()) co_return Result<void>{};
  std::vector<Uuid> jobs;
  std::vector<std::int32_t> pages;
  std::vector<std::int32_t> indexes;
  std::vector<Uuid> ids;
  std::vector<std::string> recipients;
  std::vector<std::string> reasons;
  std::vector<std::int32_t> attempts;
  std::vector<Timestamp> times;
  for (const auto& [key, result] : batch.failed()) {
    jobs.push_back(key.page.job);
    pages.push_back(key.page.page);
    indexes.push_back(static_cast<std::int32_t>(key.index));
    ids.push_back(result->notification_id);
    recipients.push_back(result->recipient_masked);
    reasons.push_back(result->reason);
    attempts.push_back(result->attempts);
    times.push_back(result->time);
  }
  const auto written = co_await session.query(
      "INSERT INTO failure (job_id, page, index, notification_id, recipient_masked, reason, attempts, time) "
      "SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::int[], "
      "$8::timestamptz[]) ON CONFLICT (job_id, page, index) DO UPDATE SET "
      "notification_id = excluded.notification_id, recipient_masked = excluded.recipient_masked, "
      "reason = excluded.reason, attempts = excluded.attempts, time = excluded.time",
      Params::of(jobs, pages, indexes, ids, recipients, reasons, attempts, times));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> forget_failures(Session& session, const PageBatch& batch) {
  if (batch.recovered().empty()) co_return Result<void>{};
  std::vector<Uuid> jobs;
  std::vector<std::int32_t> pages;
  std::vector<std::int32_t> indexes;
  for (const auto& key : batch.recovered()) {
    jobs.push_back(key.page.job);
    pages.push_back(key.page.page);
    indexes.push_back(static_cast<std::int32_t>(key.index));
  }
  const auto gone = co_await session.query(
      "DELETE FROM failure USING unnest($1::uuid[], $2::int[], $3::int[]) AS well(job_id, page, index) "
      "WHERE failure.job_id = well.job_id AND failure.page = well.page AND failure.index = well.index",
      Params::of(jobs, pages, indexes));
  if (!gone) co_return std::unexpected(gone.error());
  co_return Result<void>{};
}

/// Who had been counted whole is to be looked at again: a replay's result has come.
asio::awaitable<Result<void>> ask_for_recount(Session& session, const std::set<Uuid>& jobs) {
  if (jobs.empty()) co_return Result<void>{};
  const auto asked = co_await session.query(
      "UPDATE job SET recount = true, version = version + 1 WHERE id = ANY ($1) AND completed_at IS NOT NULL",
      Params::of(std::vector<Uuid>(jobs.begin(), jobs.end())));
  if (!asked) co_return std::unexpected(asked.error());
  co_return Result<void>{};
}

/// The first count stays.
asio::awaitable<Result<void>> write_count(Session& session, const PlannedCount& count) {
  const auto written = co_await session.query(
      "UPDATE job SET total = $2, planned_no_consent = $3, planned_inactive = $4, planned_no_recipient = $5, "
      "version = version + 1 WHERE id = $1 AND total IS NULL",
      Params::of(count.job, count.total, count.no_consent, count.inactive, count.no_recipient));
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

asio::awaitable<Result<Applied>> apply_within(Session& session, const Batch& batch,
                                              const BeforeCommit& before_commit) {
  if (const auto moved = co_await intake::move_offset(session, batch.offset); !moved)
    co_return std::unexpected(moved.error());
  auto locked = co_await lock_pages(session, touched_pages(batch));
  if (!locked) co_return std::unexpected(locked.error());

  Applied applied;
  PageBatch merged{std::move(*locked)};
  for (const auto& page : batch.pages) merged.add(page);
  for (std::size_t i = 0; i < batch.results.size(); ++i) {
    if (!merged.add(batch.results[i])) applied.misplaced.push_back(i);
  }
  for (const auto& key : merged.changed()) applied.jobs.insert(key.job);

  if (const auto done = co_await write_pages(session, merged); !done) co_return std::unexpected(done.error());
  if (const auto done = co_await write_failures(session, merged); !done)
    co_return std::unexpected(done.error());
  if (const auto done = co_await forget_failures(session, merged); !done)
    co_return std::unexpected(done.error());
  if (const auto done = co_await ask_for_recount(session, applied.jobs); !done)
    co_return std::unexpected(done.error());
  for (const auto& count : batch.counts) {
    if (const auto done = co_await write_count(session, count); !done)
      co_return std::unexpected(done.error());
    applied.jobs.insert(count.job);
  }
  if (const auto done = co_await before_commit(applied); !done) co_return std::unexpected(done.error());
  co_return applied;
}

}  // namespace

asio::awaitable<Result<Applied>> apply(postgres::Pool& pool, Batch& batch,
                                       const BeforeCommit& before_commit) {
  // Jobs' rows are locked in one order by all writers.
  std::ranges::sort(batch.counts, {}, &PlannedCount::job);
  co_return co_await pool.transaction(
      [&](Session& session) { return apply_within(session, batch, before_commit); });
}

}  // namespace bongsu::jobs
