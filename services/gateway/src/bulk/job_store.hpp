#pragma once
#include "bulk/page.hpp"

#include <bongsu/core/uuid.hpp>
#include <bongsu/events/bulk.hpp>
#include <bongsu/postgres/pool.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bongsu::gateway {

/// What bulk.requested says of a job.
struct BulkRequest {
  Uuid job;
  events::AgeGroup age_group = events::AgeGroup::kTwenties;
  events::Channel channel = events::Channel::kKakao;
  std::optional<events::Channel> fallback;
  events::Purpose purpose = events::Purpose::kTransactional;
  Timestamp as_of;
  Timestamp requested_at;
  std::string sealed;   ///< a sealed BulkPrivate
  bool counted = true;  ///< false: jobs waits for the count
};

/// What job.control says of a job: events::v1::JobControl.
struct BulkControl {
  Uuid job;
  std::int64_t revision = 0;
  int state = 0;
  std::int32_t pages_allowed = 0;
};

/// A member that a request goes to. Views into the rows it was read with.
struct BulkMember {
  std::uint32_t index = 0;  ///< its place in the page
  std::string_view user_id;
  std::string_view sealed;
  std::string_view locale;
};

/// Pages of one job that are ours to publish.
struct Slice {
  struct Part {
    Page page;
    std::vector<BulkMember> members;  ///< those who are not suppressed
  };
  BulkRequest job;
  std::vector<Part> parts;
  postgres::Rows rows;  ///< what the members point into
};

/// Who a job would go to, by now.
struct Census {
  std::int64_t total = 0;  ///< the suppressed included
  std::int64_t no_recipient = 0;
  std::int64_t no_consent = 0;
  Timestamp as_of;  ///< PostgreSQL's time at the count
};

/// Jobs and their pages in PostgreSQL. A page is frozen once, by moving its job's cursor in the same
/// transaction; whoever froze it publishes it within the lease, and otherwise anybody may take it over:
/// the same members get the same ids.
/// Errors: as postgres::Pool. Threads: the io_context's one thread. Lifetime: `pool` outlives it.
class JobStore {
 public:
  /// `lease`: how long whoever has frozen or taken over a page has it to themselves.
  JobStore(postgres::Pool& pool, std::chrono::milliseconds lease) : pool_(pool), lease_(lease) {}

  /// The same again changes nothing.
  asio::awaitable<Result<void>> note_request(BulkRequest request);
  /// An older revision changes nothing. An ended job's message is forgotten.
  asio::awaitable<Result<void>> note_control(BulkControl control);

  asio::awaitable<Result<Census>> count(events::AgeGroup group, Needs needs,
                                        std::chrono::year_month_day today, std::optional<Timestamp> as_of);
  /// A job that waits to be counted.
  asio::awaitable<Result<std::optional<BulkRequest>>> find_uncounted();
  asio::awaitable<Result<void>> mark_counted(Uuid job);

  /// Freezes the next pages of a job that has credit for them, at most `most`; the job served longest ago
  /// comes first. Of a cancelled job it freezes one last page without members. Nothing: no job has any.
  asio::awaitable<Result<std::optional<Slice>>> freeze(std::size_t most, Timestamp now);
  /// Takes over pages of one job that their taker has not published in time. Members who are no longer
  /// active by then are noted as suppressed first.
  asio::awaitable<Result<std::optional<Slice>>> take_over(std::size_t most);

  /// The pages are on their topics.
  asio::awaitable<Result<void>> settle(Uuid job, std::vector<std::int32_t> pages);
  /// Forgets ended and cancelled jobs that are older than `age`.
  asio::awaitable<Result<void>> forget(std::chrono::milliseconds age);

 private:
  asio::awaitable<Result<void>> leave_out(Slice& slice);

  postgres::Pool& pool_;
  std::chrono::milliseconds lease_;
};

}  // namespace bongsu::gateway
