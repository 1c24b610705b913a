#include <bongsu/core/assert.hpp>
#include <bongsu/core/bytes.hpp>
#include <bongsu/core/log.hpp>
#include <bongsu/postgres/migrate.hpp>

#include <fmt/format.h>

namespace bongsu::postgres {
namespace {

constexpr std::chrono::minutes kTimeout{5};
// "bongsu" and a number of our own; whoever holds it migrates.
constexpr std::int64_t kLock = 0x626f6e677375'0001;

constexpr std::string_view kMeta = R"(
CREATE SCHEMA IF NOT EXISTS bongsu_meta;
CREATE TABLE IF NOT EXISTS bongsu_meta.migration (
  schema text NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (schema, name)
))";

// A role is the whole cluster's: another database may have made it, perhaps at this very moment.
constexpr std::string_view kSchema = R"(
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bongsu_{0}') THEN
    CREATE ROLE bongsu_{0} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$$;
CREATE SCHEMA IF NOT EXISTS {0};
GRANT USAGE ON SCHEMA {0} TO bongsu_{0};
ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO bongsu_{0};
ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT USAGE ON SEQUENCES TO bongsu_{0};
ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT EXECUTE ON FUNCTIONS TO bongsu_{0})";

struct Applied {
  std::string checksum;
  Timestamp at;
};
using Ledger = std::map<std::pair<std::string, std::string>, Applied>;

std::string checksum_of(const Migration& migration) {
  const auto digest = sha256(migration.sql);
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

asio::awaitable<Result<Ledger>> read_ledger(Session& session) {
  const auto there = co_await session.query("SELECT to_regclass('bongsu_meta.migration') IS NOT NULL");
  if (!there) co_return std::unexpected(there.error());
  Ledger ledger;
  if (!there->get<bool>(0, 0)) co_return ledger;
  const auto rows =
      co_await session.query("SELECT schema, name, checksum, applied_at FROM bongsu_meta.migration");
  if (!rows) co_return std::unexpected(rows.error());
  for (std::size_t i = 0; i < rows->size(); ++i)
    ledger[{rows->get<std::string>(i, 0), rows->get<std::string>(i, 1)}] = {rows->get<std::string>(i, 2),
                                                                            rows->get<Timestamp>(i, 3)};
  co_return ledger;
}

/// A migration never edits an earlier one, and never takes one back.
Result<void> compare(const Ledger& ledger, const std::vector<MigrationSet>& sets) {
  for (const auto& set : sets) {
    std::set<std::string> names;
    for (const auto& migration : set.migrations) {
      names.insert(migration.name);
      const auto applied = ledger.find({set.schema, migration.name});
      if (applied != ledger.end() && applied->second.checksum != checksum_of(migration))
        return fail(
            ErrorCode::kConflict,
            fmt::format("migration {} of schema {} has changed since it was applied: write a new one instead",
                        migration.name, set.schema),
            migration.name);
    }
    for (const auto& [key, applied] : ledger)
      if (key.first == set.schema && !names.contains(key.second))
        return fail(
            ErrorCode::kConflict,
            fmt::format("migration {} of schema {} was applied and is not known here: the database is newer "
                        "than this program",
                        key.second, set.schema),
            key.second);
  }
  return {};
}

Error named(Error error, const MigrationSet& set, std::string_view name) {
  error.message = fmt::format("migration {} of schema {}: {}", name, set.schema, error.message);
  return error;
}

asio::awaitable<Result<MigrationState>> apply(Session& session, const MigrationSet& set,
                                              const Migration& migration) {
  const auto script =
      fmt::format("BEGIN; SET LOCAL search_path = {}, pg_temp; {}\n;", set.schema, migration.sql);
  const auto done = co_await session.script(script);
  const auto noted =
      done ? co_await session.query(
                 "INSERT INTO bongsu_meta.migration (schema, name, checksum) VALUES ($1, $2, $3) "
                 "RETURNING applied_at",
                 Params::of(set.schema, migration.name, checksum_of(migration)))
           : Result<Rows>{std::unexpected(done.error())};
  if (!noted) {
    (void)co_await session.rollback();
    co_return std::unexpected(named(noted.error(), set, migration.name));
  }
  if (const auto committed = co_await session.commit(); !committed)
    co_return std::unexpected(named(committed.error(), set, migration.name));
  log::info("postgres.migrated", {{"schema", set.schema}, {"migration", migration.name}});
  co_return MigrationState{
      .schema = set.schema, .name = migration.name, .applied_at = noted->get<Timestamp>(0, 0)};
}

asio::awaitable<Result<Session>> connect_as(asio::any_io_executor executor, Settings administrator) {
  administrator.statement_timeout = kTimeout;
  administrator.idle_in_transaction_timeout = kTimeout;
  administrator.schema.clear();
  return connect(std::move(executor), std::move(administrator));
}

}  // namespace

asio::awaitable<Result<std::vector<MigrationState>>> migrate(asio::any_io_executor executor,
                                                             Settings administrator,
                                                             std::vector<MigrationSet> sets) {
  auto session = co_await connect_as(std::move(executor), std::move(administrator));
  if (!session) co_return std::unexpected(session.error());
  // Goes with the session.
  if (const auto locked = co_await session->query("SELECT pg_advisory_lock($1)", Params::of(kLock)); !locked)
    co_return std::unexpected(locked.error());
  if (const auto meta = co_await session->script(kMeta); !meta) co_return std::unexpected(meta.error());
  const auto ledger = co_await read_ledger(*session);
  if (!ledger) co_return std::unexpected(ledger.error());
  if (const auto same = compare(*ledger, sets); !same) co_return std::unexpected(same.error());
  std::vector<MigrationState> applied;
  for (const auto& set : sets) {
    if (const auto schema = co_await session->script(fmt::format(kSchema, set.schema)); !schema)
      co_return std::unexpected(named(schema.error(), set, "(its role and schema)"));
    for (const auto& migration : set.migrations) {
      if (ledger->contains({set.schema, migration.name})) continue;
      auto state = co_await apply(*session, set, migration);
      if (!state) co_return std::unexpected(state.error());
      applied.push_back(std::move(*state));
    }
  }
  co_return applied;
}

asio::awaitable<Result<std::vector<MigrationState>>> migration_status(asio::any_io_executor executor,
                                                                      Settings administrator,
                                                                      std::vector<MigrationSet> sets) {
  auto session = co_await connect_as(std::move(executor), std::move(administrator));
  if (!session) co_return std::unexpected(session.error());
  const auto ledger = co_await read_ledger(*session);
  if (!ledger) co_return std::unexpected(ledger.error());
  if (const auto same = compare(*ledger, sets); !same) co_return std::unexpected(same.error());
  std::vector<MigrationState> states;
  for (const auto& set : sets) {
    for (const auto& migration : set.migrations) {
      const auto found = ledger->find({set.schema, migration.name});
      states.push_back({.schema = set.schema, .name = migration.name, .applied_at = {}});
      if (found != ledger->end()) states.back().applied_at = found->second.at;
    }
  }
  co_return states;
}

}  // namespace bongsu::postgres
