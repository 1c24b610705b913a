#include "db_command.hpp"

#include <bongsu/migrations/migrations.hpp>
#include <bongsu/postgres/migrate.hpp>

namespace bongsu::ctl {
namespace {

postgres::Settings administrator(std::string uri) {
  postgres::Settings settings;
  settings.uri = std::move(uri);
  settings.application_name = "bongsuctl";
  return settings;
}

Report report_of(const std::vector<postgres::MigrationState>& states) {
  Report report{.columns = {"schema", "migration", "state", "applied_at"}, .rows = {}, .fine = true};
  for (const auto& state : states) {
    report.rows.push_back({state.schema, state.name, state.applied_at ? "applied" : "pending",
                           state.applied_at ? to_rfc3339(*state.applied_at) : ""});
  }
  return report;
}

}  // namespace

asio::awaitable<Result<Report>> migrate_database(std::string uri) {
  const auto applied = co_await postgres::migrate(co_await asio::this_coro::executor,
                                                  administrator(std::move(uri)), migrations());
  if (!applied) co_return std::unexpected(applied.error());
  co_return report_of(*applied);
}

asio::awaitable<Result<Report>> database_status(std::string uri) {
  const auto states = co_await postgres::migration_status(co_await asio::this_coro::executor,
                                                          administrator(std::move(uri)), migrations());
  if (!states) co_return std::unexpected(states.error());
  auto report = report_of(*states);
  report.fine =
      std::all_of(states->begin(), states->end(), [](const auto& s) { return s.applied_at.has_value(); });
  co_return report;
}

}  // namespace bongsu::ctl
