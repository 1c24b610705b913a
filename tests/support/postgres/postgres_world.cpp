#include "postgres_world.hpp"

#include "../run.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/random.hpp>
#include <bongsu/migrations/migrations.hpp>

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace bongsu::support {
namespace {

constexpr std::int64_t kTemplateLock = 0x626f6e677375'0002;
/// SQLSTATE object_in_use: PostgreSQL waits 5 s for the sessions of a database to end, then says so.
constexpr std::string_view kInUse = "55006";
constexpr int kTries = 4;

std::string environment() {
  const char* uri = std::getenv("BONGSU_TEST_POSTGRES");
  if (uri == nullptr || *uri == '\0')
    throw std::runtime_error(
        "BONGSU_TEST_POSTGRES is not set: the URI of a PostgreSQL administrator, as tests/run gives");
  return uri;
}

std::string quoted(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

/// The environment's URI with another database and, unless empty, another user.
postgres::Settings settings_for(const std::string& database, const std::string& user,
                                const std::string& schema) {
  char* why = nullptr;
  auto* options = PQconninfoParse(environment().c_str(), &why);
  if (options == nullptr) throw std::runtime_error("BONGSU_TEST_POSTGRES cannot be read");
  std::string uri = "dbname=" + quoted(database);
  for (auto* option = options; option->keyword != nullptr; ++option) {
    const std::string_view keyword = option->keyword;
    if (option->val == nullptr || keyword == "dbname" || (keyword == "user" && !user.empty())) continue;
    uri += fmt::format(" {}={}", keyword, quoted(option->val));
  }
  PQconninfoFree(options);
  if (!user.empty()) uri += " user=" + quoted(user);
  return {.uri = uri, .schema = schema, .application_name = "bongsu-test"};
}

postgres::Settings maintenance() {
  auto settings = postgres::Settings{.uri = environment(), .application_name = "bongsu-test"};
  settings.statement_timeout = std::chrono::minutes{1};
  settings.connect_timeout = std::chrono::seconds{20};
  return settings;
}

/// A busy machine is no outage.
postgres::Settings patient(postgres::Settings settings) {
  settings.connect_timeout = std::chrono::seconds{20};
  settings.statement_timeout = std::chrono::seconds{20};
  settings.idle_in_transaction_timeout = std::chrono::seconds{60};
  return settings;
}

/// Once more while sessions that are ending are still there.
asio::awaitable<Result<postgres::Rows>> execute(postgres::Session& session, const std::string& statement) {
  auto done = co_await session.query(statement);
  for (int tries = 1; !done && done.error().detail == kInUse && tries < kTries; ++tries)
    done = co_await session.query(statement);
  co_return done;
}

/// One statement after another, on the maintenance database; throws at the first that fails.
void administer(std::vector<std::string> statements) {
  asio::io_context io;
  const auto outcome = run(
      io,
      [](std::vector<std::string> all) -> asio::awaitable<Result<void>> {
        auto session = co_await postgres::connect(co_await asio::this_coro::executor, maintenance());
        if (!session) co_return std::unexpected(session.error());
        for (const auto& statement : all)
          if (const auto done = co_await execute(*session, statement); !done)
            co_return std::unexpected(done.error());
        co_return Result<void>{};
      }(std::move(statements)),
      std::chrono::seconds{90});
  if (!outcome) throw std::runtime_error("the test's PostgreSQL: " + outcome.error().message);
}

/// In a destructor: what cannot be dropped goes with the run.
void drop(const std::string& database) {
  try {
    administer({fmt::format("DROP DATABASE {} WITH (FORCE)", database)});
  } catch (const std::exception& left_behind) {
    std::fprintf(stderr, "a database was left behind: %s\n", left_behind.what());
  }
}

std::string fresh_name() {
  SystemRandom random;
  std::array<unsigned char, 8> bytes{};
  random.fill(bytes);
  return "bongsu_test_" + to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string template_name(const std::vector<postgres::MigrationSet>& sets) {
  std::string all;
  for (const auto& set : sets) {
    all += set.schema;
    for (const auto& migration : set.migrations) all += migration.name + migration.sql;
  }
  const auto digest = sha256(all);
  return "bongsu_template_" + to_hex({reinterpret_cast<const char*>(digest.data()), 8});
}

asio::awaitable<Result<void>> make_template(std::string name, std::vector<postgres::MigrationSet> sets) {
  const auto executor = co_await asio::this_coro::executor;
  auto session = co_await postgres::connect(executor, maintenance());
  if (!session) co_return std::unexpected(session.error());
  const auto locked =
      co_await session->query("SELECT pg_advisory_lock($1)", postgres::Params::of(kTemplateLock));
  if (!locked) co_return std::unexpected(locked.error());
  const auto there =
      co_await session->query("SELECT FROM pg_database WHERE datname = $1", postgres::Params::of(name));
  if (!there) co_return std::unexpected(there.error());
  if (there->size() == 1) co_return Result<void>{};
  // Under its name only when it is whole.
  const auto building = name + "_building";
  for (const auto& statement :
       {fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", building), "CREATE DATABASE " + building})
    if (const auto done = co_await session->query(statement); !done) co_return std::unexpected(done.error());
  const auto migrated =
      co_await postgres::migrate(executor, patient(settings_for(building, "", "")), std::move(sets));
  if (!migrated) co_return std::unexpected(migrated.error());
  const auto renamed =
      co_await execute(*session, fmt::format("ALTER DATABASE {} RENAME TO {}", building, name));
  if (!renamed) co_return std::unexpected(renamed.error());
  co_return Result<void>{};
}

std::string ready_template() {
  auto sets = migrations();
  auto name = template_name(sets);
  asio::io_context io;
  const auto made = run(io, make_template(name, std::move(sets)), std::chrono::seconds{60});
  if (!made) throw std::runtime_error("the template database: " + made.error().message);
  return name;
}

}  // namespace

PostgresWorld::PostgresWorld(std::string schema) : schema_(std::move(schema)), database_(fresh_name()) {
  static const std::string source = ready_template();
  administer({fmt::format("CREATE DATABASE {} TEMPLATE {}", database_, source)});
}

PostgresWorld::~PostgresWorld() { drop(database_); }

postgres::Settings PostgresWorld::settings_of(const std::string& schema) const {
  return patient(settings_for(database_, "bongsu_" + schema, schema));
}

postgres::Settings PostgresWorld::administrator() const {
  return patient(settings_for(database_, "", schema_));
}

void PostgresWorld::cut_connections() const {
  administer({fmt::format("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                          database_)});
}

EmptyDatabase::EmptyDatabase() : database_(fresh_name()) { administer({"CREATE DATABASE " + database_}); }

EmptyDatabase::~EmptyDatabase() { drop(database_); }

postgres::Settings EmptyDatabase::administrator() const { return settings_for(database_, "", ""); }

postgres::Settings EmptyDatabase::as(const std::string& role, const std::string& schema) const {
  return settings_for(database_, role, schema);
}

}  // namespace bongsu::support
