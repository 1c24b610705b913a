#include "bulk/freezing.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/events/v1/job_control.pb.h>

#include <algorithm>
#include <unordered_map>

namespace bongsu::gateway {
namespace {

using events::v1::JobControl;
using postgres::Params;

constexpr std::string_view kInactive = "inactive";

/// Columns of the members that are frozen.
enum Column : std::size_t { kUserId, kSealed, kLocale, kReason, kBirthDate };

/// The next members of a job, one more than fit: then these are not the last.
asio::awaitable<Result<postgres::Rows>> next_members(postgres::Session& session, const StoredJob& job,
                                                     std::size_t most, Timestamp now) {
  static constexpr std::string_view kSql =
      "SELECT user_id, sealed, locale,"
      "  CASE WHEN $7 AND NOT has_phone THEN 'no_recipient'"
      "       WHEN $8 AND NOT consent_marketing OR $9 AND NOT consent_night THEN 'no_consent' ELSE '' END,"
      "  birth_date "
      "FROM member WHERE status = 'ACTIVE' AND birth_date BETWEEN $1 AND $2"
      "  AND (birth_date, user_id) > ($3, $4) AND created_at <= $5 "
      "ORDER BY birth_date, user_id LIMIT $6";
  const auto& request = job.request;
  const auto range = events::birth_dates(request.age_group, date_in_seoul(request.as_of));
  const auto first = range.first.value_or(kEarliestBirthDate);
  const auto needs = needs_of(request.channel, request.purpose, now);
  return session.query(kSql, Params::of(first, range.last, job.after_birth_date.value_or(first),
                                        job.after_user_id, request.as_of, static_cast<std::int64_t>(most + 1),
                                        needs.phone, needs.marketing_consent, needs.night_consent));
}

void add_member(Slice::Part& part, const postgres::Rows& rows, std::size_t row) {
  const auto index = static_cast<std::uint32_t>(part.page.members.size());
  const auto user_id = rows.get<std::string_view>(row, kUserId);
  const auto reason = rows.get<std::string_view>(row, kReason);
  part.page.members.emplace_back(user_id);
  if (!reason.empty()) {
    part.page.suppressed.push_back({.index = index, .reason = std::string{reason}});
  } else {
    part.members.push_back({.index = index,
                            .user_id = user_id,
                            .sealed = rows.get<std::string_view>(row, kSealed),
                            .locale = rows.get<std::string_view>(row, kLocale)});
  }
}

/// Pages out of the members read, `most` at the most in all; the last page even if nobody is left for it.
Slice cut_into_pages(const StoredJob& job, postgres::Rows rows, std::size_t most) {
  Slice slice{.job = job.request, .parts = {}, .rows = std::move(rows)};
  const bool last = slice.rows.size() <= most;
  const auto count = std::min(slice.rows.size(), most);
  for (std::size_t row = 0; row < count || (last && slice.parts.empty()); ++row) {
    if (row % events::kPageSize == 0) {
      auto& part = slice.parts.emplace_back();
      part.page.number =
          static_cast<std::uint32_t>(job.next_page) + static_cast<std::uint32_t>(slice.parts.size() - 1);
      part.page.members.reserve(events::kPageSize);
      part.members.reserve(events::kPageSize);
    }
    if (row < count) add_member(slice.parts.back(), slice.rows, row);
  }
  slice.parts.back().page.last = last;
  return slice;
}

asio::awaitable<Result<void>> store(postgres::Session& session, const Slice& slice,
                                    std::chrono::milliseconds lease) {
  std::vector<std::int32_t> numbers;
  std::vector<std::string> members;
  std::vector<std::string> suppressed;
  std::vector<std::optional<bool>> last;
  for (const auto& [page, sent] : slice.parts) {
    numbers.push_back(static_cast<std::int32_t>(page.number));
    members.push_back(to_lines(page.members));
    suppressed.push_back(to_lines(page.suppressed));
    last.emplace_back(page.last);
  }
  const auto rows = co_await session.query(
      "INSERT INTO bulk_page (job_id, page, members, suppressed, last, taken_until) "
      "SELECT $1, own.*, now() + $6 * interval '1 millisecond' "
      "FROM unnest($2::integer[], $3::text[], $4::text[], $5::boolean[]) AS own",
      Params::of(slice.job.job, numbers, members, suppressed, last, static_cast<double>(lease.count())));
  if (!rows) co_return std::unexpected(rows.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> move_cursor(postgres::Session& session, const Slice& slice) {
  const auto& last = slice.parts.back().page;
  std::optional<std::chrono::year_month_day> birth_date;
  std::optional<std::string> user_id;
  if (!last.members.empty()) {
    std::size_t frozen = 0;
    for (const auto& part : slice.parts) frozen += part.page.members.size();
    birth_date = slice.rows.get<std::chrono::year_month_day>(frozen - 1, kBirthDate);
    user_id = last.members.back();
  }
  const auto rows = co_await session.query(
      "UPDATE bulk_job SET next_page = $2, complete = $3, after_birth_date = coalesce($4, after_birth_date),"
      "  after_user_id = coalesce($5, after_user_id), served_at = clock_timestamp() WHERE job_id = $1",
      Params::of(slice.job.job, static_cast<std::int32_t>(last.number + 1), last.last, birth_date, user_id));
  if (!rows) co_return std::unexpected(rows.error());
  co_return Result<void>{};
}

}  // namespace

std::string select_job_sql() {
  return "SELECT job_id, age_group, channel, fallback, purpose, as_of, requested_at, sealed, state, "
         "pages_allowed,"
         "  next_page, after_birth_date, after_user_id FROM bulk_job";
}

StoredJob read_job(const postgres::Rows& rows) {
  StoredJob job;
  auto& request = job.request;
  request.job = rows.get<Uuid>(0, 0);
  const auto group = events::parse_age_group(rows.get<std::string_view>(0, 1));
  const auto purpose = events::parse_purpose(rows.get<std::string_view>(0, 4));
  require(group && purpose, "bulk_job holds what was checked before");
  request.age_group = *group;
  request.purpose = *purpose;
  request.channel = static_cast<events::Channel>(rows.get<std::int16_t>(0, 2));
  if (const auto fallback = rows.get<std::optional<std::int16_t>>(0, 3)) {
    request.fallback = static_cast<events::Channel>(*fallback);
  }
  request.as_of = rows.get<Timestamp>(0, 5);
  request.requested_at = rows.get<Timestamp>(0, 6);
  request.sealed = rows.get<std::optional<std::string>>(0, 7).value_or("");
  job.state = rows.get<std::int16_t>(0, 8);
  job.pages_allowed = rows.get<std::int32_t>(0, 9);
  job.next_page = rows.get<std::int32_t>(0, 10);
  job.after_birth_date = rows.get<std::optional<std::chrono::year_month_day>>(0, 11);
  job.after_user_id = rows.get<std::optional<std::string>>(0, 12).value_or("");
  return job;
}

asio::awaitable<Result<std::optional<Slice>>> freeze_pages(postgres::Session& session, Freezing freezing) {
  static const std::string lock = select_job_sql() +
                                  " WHERE NOT complete AND requested_at IS NOT NULL"
                                  "   AND (state = $1 AND next_page < pages_allowed OR state = $2) "
                                  "ORDER BY served_at LIMIT 1 FOR UPDATE SKIP LOCKED";
  const auto found =
      co_await session.query(lock, Params::of(static_cast<std::int16_t>(JobControl::RUNNING),
                                              static_cast<std::int16_t>(JobControl::CANCELLED)));
  if (!found) co_return std::unexpected(found.error());
  if (found->empty()) co_return std::nullopt;
  const auto job = read_job(*found);

  postgres::Rows rows;
  std::size_t members = 0;
  if (job.state == JobControl::RUNNING) {
    const auto pages = std::min(freezing.most, static_cast<std::size_t>(job.pages_allowed - job.next_page));
    members = pages * events::kPageSize;
    auto read = co_await next_members(session, job, members, freezing.now);
    if (!read) co_return std::unexpected(read.error());
    rows = std::move(*read);
  }
  auto slice = cut_into_pages(job, std::move(rows), members);
  if (const auto stored = co_await store(session, slice, freezing.lease); !stored)
    co_return std::unexpected(stored.error());
  if (const auto moved = co_await move_cursor(session, slice); !moved)
    co_return std::unexpected(moved.error());
  co_return std::optional{std::move(slice)};
}

Result<Slice> pages_again(BulkRequest job, const postgres::Rows& pages) {
  Slice slice{.job = std::move(job), .parts = {}, .rows = {}};
  slice.parts.reserve(pages.size());
  for (std::size_t row = 0; row < pages.size(); ++row) {
    auto suppressed = suppressed_of(pages.get<std::string_view>(row, 3));
    if (!suppressed) return std::unexpected(suppressed.error());
    Slice::Part part;
    part.page = {.number = static_cast<std::uint32_t>(pages.get<std::int32_t>(row, 1)),
                 .members = members_of(pages.get<std::string_view>(row, 2)),
                 .suppressed = std::move(*suppressed),
                 .last = pages.get<bool>(row, 4)};
    slice.parts.push_back(std::move(part));
  }
  std::sort(slice.parts.begin(), slice.parts.end(),
            [](const auto& a, const auto& b) { return a.page.number < b.page.number; });
  return slice;
}

namespace {

template <class OnMember>
void for_each_unsuppressed(const Page& page, OnMember on_member) {
  auto next = page.suppressed.begin();
  for (std::uint32_t index = 0; index < page.members.size(); ++index) {
    if (next != page.suppressed.end() && next->index == index) {
      ++next;
    } else {
      on_member(index, page.members[index]);
    }
  }
}

}  // namespace

std::vector<std::string> user_ids_of(const Slice& slice) {
  std::vector<std::string> ids;
  for (const auto& part : slice.parts) {
    for_each_unsuppressed(part.page, [&](std::uint32_t, const std::string& id) { ids.push_back(id); });
  }
  return ids;
}

bool fill_in(Slice& slice, postgres::Rows members) {
  slice.rows = std::move(members);
  std::unordered_map<std::string_view, std::size_t> place;
  for (std::size_t row = 0; row < slice.rows.size(); ++row) {
    place.emplace(slice.rows.get<std::string_view>(row, kUserId), row);
  }
  bool anybody_missing = false;
  for (auto& part : slice.parts) {
    std::vector<Suppressed> missing;
    for_each_unsuppressed(part.page, [&](std::uint32_t index, const std::string& id) {
      const auto hit = place.find(id);
      if (hit == place.end()) {
        missing.push_back({.index = index, .reason = std::string{kInactive}});
        return;
      }
      part.members.push_back({.index = index,
                              .user_id = hit->first,
                              .sealed = slice.rows.get<std::string_view>(hit->second, kSealed),
                              .locale = slice.rows.get<std::string_view>(hit->second, kLocale)});
    });
    anybody_missing = anybody_missing || !missing.empty();
    auto& all = part.page.suppressed;
    all.insert(all.end(), std::make_move_iterator(missing.begin()), std::make_move_iterator(missing.end()));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  }
  return anybody_missing;
}

}  // namespace bongsu::gateway
