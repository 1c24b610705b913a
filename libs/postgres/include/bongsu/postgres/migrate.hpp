#pragma once
#include <bongsu/postgres/session.hpp>

#include <string>
#include <vector>

namespace bongsu::postgres {

/// One numbered .sql file: "outbox/0001_outbox.sql" and what it says, with unqualified names.
struct Migration {
  std::string name;
  std::string sql;
};

/// What makes one service's schema, in order.
struct MigrationSet {
  std::string schema;
  std::vector<Migration> migrations;
};

struct MigrationState {
  std::string schema;
  std::string name;
  /// Empty: not applied yet.
  std::optional<Timestamp> applied_at;
};

/// Brings every schema up to date, as an administrator, and tells what it applied.
///
/// For each set: the schema; the role `bongsu_<schema>`, which may log in, read and write the tables, use the
/// sequences and call the functions, and may change nothing of the schema; then each file that is not in
/// bongsu_meta.migration, in a transaction of its own, with search_path set to the schema.
///
/// Errors: kConflict when a file that was applied has changed since, or is gone (the message names it):
/// nothing
///   is applied then; the first file that fails, by name, with its SQLSTATE: the ones before it stay applied.
/// Two runs at the same time wait for each other (advisory lock). Statements may take 5 minutes.
asio::awaitable<Result<std::vector<MigrationState>>> migrate(asio::any_io_executor executor,
                                                             Settings administrator,
                                                             std::vector<MigrationSet> sets);

/// Every migration and whether it is applied; changes nothing. Errors: as migrate().
asio::awaitable<Result<std::vector<MigrationState>>> migration_status(asio::any_io_executor executor,
                                                                      Settings administrator,
                                                                      std::vector<MigrationSet> sets);

}  // namespace bongsu::postgres
