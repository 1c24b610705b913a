#pragma once
#include "bulk/job_store.hpp"

/// How a job's rows become pages, and pages are read back. For JobStore alone.
namespace bongsu::gateway {

/// Where an age group without an upper end begins.
inline constexpr std::chrono::year_month_day kEarliestBirthDate{std::chrono::year{1800}, std::chrono::January,
                                                                std::chrono::day{1}};

/// "SELECT … FROM bulk_job", as read_job() reads it.
std::string select_job_sql();

struct StoredJob {
  BulkRequest request;
  int state = 0;
  std::int32_t pages_allowed = 0;
  std::int32_t next_page = 0;
  std::optional<std::chrono::year_month_day> after_birth_date;
  std::string after_user_id;
};
StoredJob read_job(const postgres::Rows& rows);

struct Freezing {
  std::size_t most = 1;  ///< pages
  Timestamp now;         ///< whether it is night, for consents
  std::chrono::milliseconds lease;
};
/// Within a transaction: locks a job, freezes its next pages and moves its cursor.
asio::awaitable<Result<std::optional<Slice>>> freeze_pages(postgres::Session& session, Freezing freezing);

/// Pages that were frozen before, still without their members. Errors: kInternal.
Result<Slice> pages_again(BulkRequest job, const postgres::Rows& pages);
/// Everybody in a slice who is not suppressed.
std::vector<std::string> user_ids_of(const Slice& slice);
/// Brings in the members (user_id, sealed, locale); who is missing becomes suppressed as inactive.
/// Tells whether anybody did.
bool fill_in(Slice& slice, postgres::Rows members);

}  // namespace bongsu::gateway
