#include "outbox_command.hpp"

#include <bongsu/outbox/status.hpp>

#include <limits>

namespace bongsu::ctl {
namespace {

postgres::Pool open_pool(const asio::any_io_executor& executor, const OutboxOptions& options) {
  postgres::Settings settings;
  settings.uri = options.uri;
  settings.schema = options.schema;
  settings.application_name = "bongsuctl";
  settings.connections = 1;
  settings.statement_timeout = std::chrono::seconds{10};
  return postgres::Pool{executor, settings};
}

std::string text_of(const outbox::Position& position) {
  return std::to_string(position.xid.value) + ":" + std::to_string(position.sequence);
}

}  // namespace

asio::awaitable<Result<Report>> outbox_status(OutboxOptions options) {
  auto pool = open_pool(co_await asio::this_coro::executor, options);
  const auto status = co_await outbox::status(pool);
  if (!status) co_return std::unexpected(status.error());
  std::int64_t bytes = 0;
  for (const auto& leaf : status->leaves) bytes += leaf.bytes;
  co_return Report{.columns = {"schema", "waiting", "oldest_waiting", "oldest_open_transaction", "failed",
                               "cursor", "bytes"},
                   .rows = {{options.schema, std::to_string(status->waiting),
                             status->oldest_waiting ? to_rfc3339(*status->oldest_waiting) : "",
                             to_string(status->oldest_open_transaction), std::to_string(status->failed),
                             text_of(status->cursor), std::to_string(bytes)}},
                   .fine = true};
}

asio::awaitable<Result<Report>> outbox_failed(OutboxOptions options) {
  auto pool = open_pool(co_await asio::this_coro::executor, options);
  const auto failed = co_await outbox::failed_publications(pool, options.limit);
  if (!failed) co_return std::unexpected(failed.error());
  Report report{
      .columns = {"id", "topic", "reason", "bytes", "failed_at"}, .rows = {}, .fine = failed->empty()};
  for (const auto& one : *failed) {
    report.rows.push_back(
        {one.id.str(), one.topic, one.reason, std::to_string(one.bytes), to_rfc3339(one.failed_at)});
  }
  co_return report;
}

asio::awaitable<Result<Report>> outbox_retry(OutboxOptions options, std::string id) {
  auto pool = open_pool(co_await asio::this_coro::executor, options);
  std::vector<Uuid> ids;
  if (id == "all") {
    const auto failed = co_await outbox::failed_publications(pool, std::numeric_limits<int>::max());
    if (!failed) co_return std::unexpected(failed.error());
    for (const auto& one : *failed) ids.push_back(one.id);
  } else {
    const auto parsed = Uuid::parse(id);
    if (!parsed) co_return std::unexpected(parsed.error());
    ids.push_back(*parsed);
  }
  Report report{.columns = {"id", "state"}, .rows = {}, .fine = true};
  for (const auto& one : ids) {
    if (const auto retried = co_await outbox::retry(pool, one); !retried)
      co_return std::unexpected(retried.error());
    report.rows.push_back({one.str(), "waiting"});
  }
  co_return report;
}

}  // namespace bongsu::ctl
