#pragma once
#include <bongsu/postgres/settings.hpp>

#include <string>

namespace bongsu::support {

/// A database of the test's own with every migration applied, on the PostgreSQL that BONGSU_TEST_POSTGRES
/// (an administrator's libpq URI; local roles are trusted) names. Dropped at the end. Throws when that
/// PostgreSQL is missing: nothing is skipped.
///
///   PostgresWorld database{"gateway"};
///   postgres::Pool pool{io.get_executor(), database.settings()};
///
/// The migrations run once for each state of the .sql files, into a template.
class PostgresWorld {
 public:
  explicit PostgresWorld(std::string schema);
  PostgresWorld(const PostgresWorld&) = delete;
  PostgresWorld& operator=(const PostgresWorld&) = delete;
  ~PostgresWorld();

  /// As the service of that schema connects: its role, its schema. Timeouts are long: a busy machine is no
  /// outage.
  postgres::Settings settings() const { return settings_of(schema_); }
  postgres::Settings settings_of(const std::string& schema) const;
  postgres::Settings administrator() const;
  const std::string& database() const { return database_; }

  /// Cuts every connection to the database, as a crash of the server would.
  void cut_connections() const;

 private:
  std::string schema_;
  std::string database_;
};

/// A database without anything in it, for what makes schemas itself.
class EmptyDatabase {
 public:
  EmptyDatabase();
  EmptyDatabase(const EmptyDatabase&) = delete;
  EmptyDatabase& operator=(const EmptyDatabase&) = delete;
  ~EmptyDatabase();

  postgres::Settings administrator() const;
  /// The same database as another role.
  postgres::Settings as(const std::string& role, const std::string& schema) const;

 private:
  std::string database_;
};

}  // namespace bongsu::support
