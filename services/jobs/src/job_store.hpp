#pragma once
#include "job.hpp"
#include "progress.hpp"

#include <bongsu/outbox/event.hpp>
#include <bongsu/postgres/pool.hpp>

#include <string>
#include <vector>

namespace bongsu::jobs {

/// Who asks for a job, and by which request.
struct Request {
  std::string caller;
  std::optional<std::string> id;
  Uuid body;
};

struct FailureRow {
  std::int32_t page = 0;
  std::int32_t index = 0;
  Uuid notification_id;
  std::string recipient_masked;
  std::string reason;
  std::int32_t attempts = 0;
  Timestamp time;
};

/// Jobs in PostgreSQL. Each call is one statement, so what it gives is of one moment.
/// Errors: as postgres::Pool. Threads: the io_context's one thread. Lifetime: `pool` outlives it.
class JobStore {
 public:
  explicit JobStore(postgres::Pool& pool) : pool_(pool) {}

  /// Stores the job with its events; false: a job of that request is there already.
  asio::awaitable<Result<bool>> create(JobRow job, Request request, std::vector<outbox::Event> events);
  /// The job that the request made before. Errors: kAlreadyExists: with another body.
  asio::awaitable<Result<std::optional<Uuid>>> find_request(Request request);

  asio::awaitable<Result<std::optional<Snapshot>>> find(Uuid id);
  asio::awaitable<Result<std::vector<Snapshot>>> find(std::vector<Uuid> ids);
  /// Not ended, or to be counted again.
  asio::awaitable<Result<std::vector<Snapshot>>> open_jobs();
  /// The youngest first, those after `after`.
  asio::awaitable<Result<std::vector<Snapshot>>> list(std::optional<Uuid> after,
                                                      std::vector<std::int16_t> states, std::int32_t limit);
  /// Writes a row that was read, with its events; false: it has changed since, nothing is written.
  asio::awaitable<Result<bool>> update(JobRow job, std::vector<outbox::Event> events);

  /// By page and index, those after that place.
  asio::awaitable<Result<std::vector<FailureRow>>> failures(Uuid job, std::int32_t after_page,
                                                            std::int32_t after_index, std::int32_t limit);

 private:
  postgres::Pool& pool_;
};

}  // namespace bongsu::jobs
