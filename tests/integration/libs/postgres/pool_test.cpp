#include <bongsu/core/signal.hpp>
#include <bongsu/postgres/pool.hpp>

#include <gtest/gtest.h>
#include <support/postgres/postgres_world.hpp>
#include <support/run.hpp>

namespace bongsu::postgres {
namespace {

using namespace std::chrono_literals;
using support::run;

class PoolTest : public testing::Test {
 protected:
  Result<Rows> query(std::string_view sql, Params params = {}, Pool::Timeout timeout = {}) {
    return run(io_, pool_.query(sql, std::move(params), timeout));
  }

  /// The session's own timeout. A slow machine may have cost the pool its connection.
  std::string session_timeout() {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    for (;;) {
      const auto rows = query("SHOW statement_timeout");
      if (rows) return rows->get<std::string>(0, 0);
      if (std::chrono::steady_clock::now() > deadline) return rows.error().message;
    }
  }

  ~PoolTest() override {
    own_.reset();
    io_.restart();
    io_.run();  // its connections end
  }

  support::EmptyDatabase database_;
  asio::io_context io_;
  std::unique_ptr<Pool> own_ = std::make_unique<Pool>(io_.get_executor(), [this] {
    auto settings = database_.administrator();
    settings.connections = 2;
    settings.connect_timeout = settings.statement_timeout = 20s;  // a busy machine is no outage
    settings.idle_in_transaction_timeout = 60s;
    return settings;
  }());
  Pool& pool_ = *own_;
};

TEST_F(PoolTest, EveryTypeComesBackAsItWent) {
  const auto id = *Uuid::parse("0193d6a0-0000-7000-8000-000000000001");
  const auto time = *parse_rfc3339("2026-11-21T03:55:23.123Z");
  const auto date = *parse_date("1950-02-28");
  const std::string bytes("\0\x01\xff", 3);
  const auto rows = query(
      "SELECT $1::bool, $2::int2, $3::int4, $4::int8, $5::float8, $6::text, $7::bytea, $8::uuid, "
      "$9::timestamptz, "
      "$10::date, $11::jsonb, $12::xid8, $13::text",
      Params::of(true, std::int16_t{-1}, std::int32_t{-2}, std::int64_t{1} << 40, 2.5, "한글", Bytes{bytes},
                 id, time, date, Json{R"({"a":1})"}, Xid{1UL << 40}, std::optional<std::string>{}));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_TRUE(rows->get<bool>(0, 0));
  EXPECT_EQ(rows->get<std::int16_t>(0, 1), -1);
  EXPECT_EQ(rows->get<std::int64_t>(0, 2), -2);
  EXPECT_EQ(rows->get<std::int64_t>(0, 3), std::int64_t{1} << 40);
  EXPECT_EQ(rows->get<double>(0, 4), 2.5);
  EXPECT_EQ(rows->get<std::string>(0, 5), "한글");
  EXPECT_EQ(rows->get<std::string>(0, 6), bytes);
  EXPECT_EQ(rows->get<Uuid>(0, 7), id);
  EXPECT_EQ(rows->get<Timestamp>(0, 8), time);
  EXPECT_EQ(rows->get<std::chrono::year_month_day>(0, 9), date);
  EXPECT_EQ(rows->get<std::string>(0, 10), R"({"a": 1})");
  EXPECT_EQ(rows->get<Xid>(0, 11), Xid{1UL << 40});
  EXPECT_EQ(rows->get<std::optional<std::string>>(0, 12), std::nullopt);
}

TEST_F(PoolTest, ArraysComeBackAsTheyWent) {
  const std::vector<std::string> texts{"a", "", "한"};
  const auto rows = query(
      "SELECT $1::text[], $2::uuid[], array_length($3::int8[], 1), $3::int8[] IS NULL, ($3::int8[])[2]",
      Params::of(texts, std::vector<Uuid>{}, std::vector<std::optional<std::int64_t>>{1, std::nullopt}));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->get<std::vector<std::string>>(0, 0), texts);
  EXPECT_EQ(rows->get<std::vector<Uuid>>(0, 1), std::vector<Uuid>{});
  EXPECT_EQ(rows->get<std::int64_t>(0, 2), 2);
  EXPECT_EQ(rows->get<std::optional<std::int64_t>>(0, 4), std::nullopt);
}

TEST_F(PoolTest, OneThatFailsFailsAlone) {
  ASSERT_TRUE(query("CREATE TABLE thing (id int PRIMARY KEY)"));
  constexpr int kMany = 200;
  int good = 0;
  int bad = 0;
  const auto insert = [](Pool& pool, int id, int& succeeded, int& failed) -> asio::awaitable<void> {
    const auto rows = co_await pool.query("INSERT INTO thing VALUES ($1)", Params::of(std::int32_t{id}));
    ++(rows ? succeeded : failed);
  };
  for (int i = 0; i < kMany; ++i) spawn(io_.get_executor(), "insert", insert(pool_, i / 2, good, bad));
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (good + bad < kMany && io_.run_one_until(deadline) > 0) {
  }
  EXPECT_EQ(good, kMany / 2);
  EXPECT_EQ(bad, kMany / 2);
  EXPECT_EQ(query("SELECT count(*) FROM thing")->get<std::int64_t>(0, 0), kMany / 2);
}

TEST_F(PoolTest, ErrorsNameTheRuleAndNeverTheValue) {
  ASSERT_TRUE(
      query("CREATE TABLE person (email text CONSTRAINT email_taken UNIQUE, age int CHECK (age > 0))"));
  ASSERT_TRUE(query("INSERT INTO person VALUES ($1, 5)", Params::of("secret@example.com")));
  const auto taken = query("INSERT INTO person VALUES ($1, 5)", Params::of("secret@example.com"));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(taken.error().detail, "23505");
  EXPECT_EQ(taken.error().sent, Sent::kNo);
  EXPECT_NE(taken.error().message.find("email_taken"), std::string::npos);
  const auto checked = query("INSERT INTO person VALUES ('secret', -4711)");
  EXPECT_EQ(checked.error().code, ErrorCode::kInvalidArgument);
  const auto malformed = query("SELECT ($1::text)::int", Params::of("secret"));
  EXPECT_EQ(malformed.error().code, ErrorCode::kInvalidArgument);
  const auto nul = query("INSERT INTO person VALUES ($1, 5)", Params::of(std::string("secret\0", 7)));
  EXPECT_EQ(nul.error().code, ErrorCode::kInvalidArgument);
  const auto raised = query("DO $$ BEGIN RAISE EXCEPTION 'secret 4711'; END $$");
  const auto unknown = query("SELECT * FROM nowhere");
  EXPECT_EQ(unknown.error().code, ErrorCode::kInternal);
  for (const auto* error : {&taken, &checked, &malformed, &nul, &raised}) {
    EXPECT_EQ(error->error().message.find("secret"), std::string::npos) << error->error().message;
    EXPECT_EQ(error->error().message.find("4711"), std::string::npos) << error->error().message;
  }
}

TEST_F(PoolTest, StatementsEndAtTheirTimeoutAndOthersGoOn) {
  ASSERT_TRUE(query("SELECT 1"));  // the connection is there
  const auto began = std::chrono::steady_clock::now();
  const auto slow = query("SELECT pg_sleep(30)", {}, 100ms);
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, ErrorCode::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
  // The session's own timeout is back, whether the statement with another one failed or not.
  EXPECT_EQ(session_timeout(), "20s");
  EXPECT_EQ(query("SHOW statement_timeout", {}, 30s)->get<std::string>(0, 0), "30s");
  EXPECT_EQ(session_timeout(), "20s");
}

TEST_F(PoolTest, AStatementMayTakeLongerThanTheOthers) {
  auto settings = database_.administrator();
  settings.connect_timeout = 20s;
  settings.statement_timeout = 1s;
  Pool hasty{io_.get_executor(), settings};
  EXPECT_TRUE(run(io_, hasty.query("SELECT pg_sleep(1.5)", {}, 20s)));
}

TEST_F(PoolTest, StatementThatCouldNotBePreparedIsPreparedAgain) {
  EXPECT_FALSE(query("SELECT * FROM later"));
  ASSERT_TRUE(query("CREATE TABLE later (id int)"));
  ASSERT_TRUE(query("SELECT * FROM later"));
  // A plan whose columns have changed is forgotten: it fails once, as an error of ours.
  ASSERT_TRUE(query("ALTER TABLE later ADD COLUMN name text"));
  EXPECT_FALSE(query("SELECT * FROM later"));
  EXPECT_TRUE(query("SELECT * FROM later"));
}

TEST_F(PoolTest, TransactionsCommitOrRollBack) {
  ASSERT_TRUE(query("CREATE TABLE thing (id int PRIMARY KEY)"));
  const auto insert = [](int id, bool fails) {
    return [id, fails](Session& session) -> asio::awaitable<Result<int>> {
      const auto own_id = id;
      const auto own_fails = fails;
      const auto rows =
          co_await session.query("INSERT INTO thing VALUES ($1)", Params::of(std::int32_t{own_id}));
      if (!rows) co_return std::unexpected(rows.error());
      if (own_fails) co_return fail(ErrorCode::kConflict, "changed its mind");
      co_return own_id;
    };
  };
  EXPECT_EQ(run(io_, pool_.transaction(insert(1, false))).value(), 1);
  EXPECT_EQ(run(io_, pool_.transaction(insert(2, true))).error().code, ErrorCode::kConflict);
  EXPECT_EQ(run(io_, pool_.transaction(insert(1, false))).error().code, ErrorCode::kAlreadyExists);
  const auto rows = query("SELECT array_agg(id) FROM thing");
  EXPECT_EQ(rows->get<std::vector<std::int32_t>>(0, 0), std::vector{1});
}

TEST_F(PoolTest, CommitOfAFailedTransactionIsNoCommit) {
  const auto outcome = run(io_, [](Pool& pool) -> asio::awaitable<Result<void>> {
    auto session = co_await pool.session();
    if (!session) co_return std::unexpected(session.error());
    if (auto begun = co_await session->begin(); !begun) co_return begun;
    (void)co_await session->query("SELECT 1 / 0");
    co_return co_await session->commit();
  }(pool_));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kConflict);
}

TEST_F(PoolTest, SessionThatIsAbandonedIsRolledBackAndReturned) {
  ASSERT_TRUE(query("CREATE TABLE thing (id int)"));
  const auto abandon = [](Pool& pool) -> asio::awaitable<Result<void>> {
    auto session = co_await pool.session();
    if (!session) co_return std::unexpected(session.error());
    (void)co_await session->begin();
    (void)co_await session->query("INSERT INTO thing VALUES (1)");
    co_return Result<void>{};
  };
  // More often than there are connections.
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(run(io_, abandon(pool_)));
  EXPECT_EQ(query("SELECT count(*) FROM thing")->get<std::int64_t>(0, 0), 0);
}

TEST_F(PoolTest, SessionIsWaitedForAndStatementsGoOnBesides) {
  const auto waited = run(io_, [](Pool& pool) -> asio::awaitable<Result<void>> {
    std::vector<Session> held;
    for (int i = 0; i < 2; ++i) {
      auto session = co_await pool.session();
      if (!session) co_return std::unexpected(session.error());
      held.push_back(std::move(*session));
    }
    const auto none = co_await pool.session(50ms);
    if (none) co_return fail(ErrorCode::kInternal, "a third of two connections");
    if (none.error().code != ErrorCode::kUnavailable) co_return std::unexpected(none.error());
    held.pop_back();
    const auto answered = co_await pool.query("SELECT 1");
    if (!answered) co_return std::unexpected(answered.error());
    auto again = co_await pool.session();
    if (!again) co_return std::unexpected(again.error());
    co_return Result<void>{};
  }(pool_));
  EXPECT_TRUE(waited) << waited.error().message;
}

TEST_F(PoolTest, LargeParametersAndResultsPassThroughThePipeline) {
  const std::string large(8 << 20, 'x');
  const auto ask = [](Pool& pool, const std::string& value, int& done) -> asio::awaitable<void> {
    const auto rows = co_await pool.query("SELECT $1::text", Params::of(value), 20s);
    EXPECT_TRUE(rows && rows->get<std::string_view>(0, 0) == value);
    ++done;
  };
  int done = 0;
  for (int i = 0; i < 6; ++i) spawn(io_.get_executor(), "ask", ask(pool_, large, done));
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (done < 6 && io_.run_one_until(deadline) > 0) {
  }
  EXPECT_EQ(done, 6);
}

TEST(Pool, AnswersWhatIsUnderWayWhenItGoesAway) {
  support::EmptyDatabase database;
  asio::io_context io;
  auto settings = database.administrator();
  settings.connect_timeout = settings.statement_timeout = 20s;
  auto pool = std::make_unique<Pool>(io.get_executor(), settings);
  std::vector<ErrorCode> codes;
  const auto ask = [](Pool& from, std::vector<ErrorCode>& out) -> asio::awaitable<void> {
    const auto rows = co_await from.query("SELECT pg_sleep(60)");
    if (!rows) out.push_back(rows.error().code);
  };
  ASSERT_TRUE(run(io, pool->query("SELECT 1")));
  for (int i = 0; i < 3; ++i) spawn(io.get_executor(), "ask", ask(*pool, codes));
  io.poll();
  pool.reset();
  io.restart();
  io.run();
  EXPECT_EQ(codes, std::vector(3, ErrorCode::kCancelled));
}

}  // namespace
}  // namespace bongsu::postgres
