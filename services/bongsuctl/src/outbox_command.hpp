#pragma once
#include "report.hpp"

#include <bongsu/core/asio.hpp>

#include <string>

namespace bongsu::ctl {

/// Whose outbox: an administrator's libpq URI, and the schema that the service owns.
struct OutboxOptions {
  std::string uri;
  std::string schema = "gateway";
  int limit = 100;
};

/// What waits, since when, and what holds it back. Errors: as postgres::Pool.
asio::awaitable<Result<Report>> outbox_status(OutboxOptions options);

/// What Kafka refused for its own sake, the newest first; not fine when there is anything.
asio::awaitable<Result<Report>> outbox_failed(OutboxOptions options);

/// Puts it into the outbox again; "all" is everything that was refused.
/// Errors: kNotFound, kInvalidArgument (no id).
asio::awaitable<Result<Report>> outbox_retry(OutboxOptions options, std::string id);

}  // namespace bongsu::ctl
