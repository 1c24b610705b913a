#include <bongsu/migrations/migrations.hpp>
#include <bongsu/postgres/migrate.hpp>

#include <gtest/gtest.h>
#include <support/postgres/postgres_world.hpp>
#include <support/run.hpp>

namespace bongsu::postgres {
namespace {

using support::run;

class MigrateTest : public testing::Test {
 protected:
  /// A busy machine is no outage.
  static Settings patient(Settings settings) {
    settings.connect_timeout = settings.statement_timeout = std::chrono::seconds{20};
    return settings;
  }
  Settings administrator() const { return patient(database_.administrator()); }

  Result<std::vector<MigrationState>> apply(std::vector<MigrationSet> sets) {
    return run(io_, migrate(io_.get_executor(), administrator(), std::move(sets)));
  }

  Result<Rows> query_as(const std::string& role, std::string sql) {
    return run(io_, [](Settings settings, std::string text) -> asio::awaitable<Result<Rows>> {
      auto session = co_await connect(co_await asio::this_coro::executor, std::move(settings));
      if (!session) co_return std::unexpected(session.error());
      co_return co_await session->query(text);
    }(patient(database_.as(role, "gateway")), std::move(sql)));
  }

  support::EmptyDatabase database_;
  asio::io_context io_;
};

const MigrationSet kGateway{
    "gateway",
    {{"a/0001.sql", "CREATE TABLE one (id bigserial, name text); INSERT INTO one (name) VALUES ('x');"},
     {"a/0002.sql", "CREATE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2' -- no end"}}};

TEST_F(MigrateTest, AppliesWhatIsMissingOnce) {
  const auto first = apply({kGateway});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->size(), 2U);
  EXPECT_TRUE(first->front().applied_at);
  EXPECT_TRUE(apply({kGateway})->empty());
  auto more = kGateway;
  more.migrations.push_back({"a/0003.sql", "ALTER TABLE one ADD COLUMN age int"});
  const auto third = apply({more});
  ASSERT_TRUE(third) << third.error().message;
  ASSERT_EQ(third->size(), 1U);
  EXPECT_EQ(third->front().name, "a/0003.sql");
  const auto states = run(io_, migration_status(io_.get_executor(), administrator(), {more}));
  ASSERT_TRUE(states);
  EXPECT_EQ(states->size(), 3U);
}

TEST_F(MigrateTest, TheRoleWorksWithTheSchemaAndCannotChangeIt) {
  ASSERT_TRUE(apply({kGateway}));
  const std::string role = "bongsu_gateway";
  EXPECT_TRUE(query_as(role, "INSERT INTO one (name) VALUES ('y')"));
  EXPECT_TRUE(query_as(role, "UPDATE one SET name = 'z'"));
  EXPECT_TRUE(query_as(role, "SELECT two() FROM one"));
  EXPECT_TRUE(query_as(role, "DELETE FROM one"));
  for (const auto* forbidden :
       {"CREATE TABLE three (id int)", "CREATE TABLE public.three (id int)",
        "ALTER TABLE one ADD COLUMN age int", "DROP TABLE one", "TRUNCATE one", "CREATE SCHEMA own",
        "DROP FUNCTION two()", "CREATE INDEX ON one (id)", "SELECT * FROM bongsu_meta.migration"}) {
    const auto refused = query_as(role, forbidden);
    ASSERT_FALSE(refused) << forbidden;
    EXPECT_EQ(refused.error().code, ErrorCode::kUnauthorized) << forbidden;
  }
}

TEST_F(MigrateTest, ChangedOrVanishedFileIsRefusedByName) {
  ASSERT_TRUE(apply({kGateway}));
  auto changed = kGateway;
  changed.migrations[0].sql += " ";
  const auto refused = apply({changed});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_EQ(refused.error().detail, "a/0001.sql");
  auto vanished = kGateway;
  vanished.migrations.pop_back();
  EXPECT_EQ(apply({vanished}).error().detail, "a/0002.sql");
}

TEST_F(MigrateTest, FileThatFailsLeavesNothingOfItself) {
  auto broken = kGateway;
  broken.migrations.push_back({"a/0003.sql", "CREATE TABLE three (id int); SELECT nonsense;"});
  const auto failed = apply({broken});
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("a/0003.sql"), std::string::npos);
  EXPECT_EQ(failed.error().detail, "42703");
  EXPECT_FALSE(query_as("bongsu_gateway", "SELECT * FROM three"));
  broken.migrations.back().sql = "CREATE TABLE three (id int)";
  EXPECT_EQ(apply({broken})->size(), 1U);
}

TEST_F(MigrateTest, TwoAtOnceApplyEachFileOnce) {
  std::size_t applied = 0;
  int ended = 0;
  const auto one = [](asio::io_context& io, Settings settings, std::size_t& count,
                      int& done) -> asio::awaitable<void> {
    const auto states = co_await migrate(io.get_executor(), std::move(settings), {kGateway});
    EXPECT_TRUE(states) << states.error().message;
    if (states) count += states->size();
    ++done;
  };
  for (int i = 0; i < 3; ++i) spawn(io_.get_executor(), "migrate", one(io_, administrator(), applied, ended));
  io_.run();
  EXPECT_EQ(ended, 3);
  EXPECT_EQ(applied, 2U);
}

TEST_F(MigrateTest, AllOfOursApply) {
  const auto states = apply(migrations());
  ASSERT_TRUE(states) << states.error().message;
  EXPECT_TRUE(apply(migrations())->empty());
}

}  // namespace
}  // namespace bongsu::postgres
