#include <bongsu/delivery/postgres_ledger.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <support/postgres/postgres_world.hpp>
#include <support/run.hpp>

namespace bongsu::delivery {
namespace {

using namespace std::chrono_literals;
using support::run;

const kafka::TopicPartition kPlace{"bongsu.email.request", 0};

class LedgerTest : public testing::Test {
 protected:
  ~LedgerTest() override {
    ledger_.reset();
    pool_.reset();
    io_.restart();
    io_.run();  // its connections end
  }

  /// What the administrator does beside the ledger.
  std::int64_t change(std::string_view sql) {
    postgres::Pool pool{io_.get_executor(), [this] {
                          auto settings = database_.administrator();
                          settings.schema = "email";
                          return settings;
                        }()};
    const auto rows = run(io_, pool.query(sql));
    EXPECT_TRUE(rows) << rows.error().message;
    return static_cast<std::int64_t>(rows->affected());
  }

  Hold take(const std::string& owner) {
    const auto taken = run(io_, ledger_->take(kPlace, owner));
    EXPECT_TRUE(taken && *taken) << owner;
    return {.where = kPlace, .epoch = (*taken)->epoch};
  }

  Row row(Outcome outcome, std::uint32_t attempt = 1) {
    Row made;
    made.id = Uuid::v7(SystemClock{}.now(), random_);
    made.attempt = attempt;
    made.outcome = outcome;
    made.ended_at = SystemClock{}.now();
    return made;
  }

  support::PostgresWorld database_{"email"};
  asio::io_context io_;
  SystemRandom random_;
  Settings settings_ = [] {
    Settings settings;
    settings.lease = 1h;  // over when a test says so
    return settings;
  }();
  std::unique_ptr<postgres::Pool> pool_ =
      std::make_unique<postgres::Pool>(io_.get_executor(), database_.settings());
  std::unique_ptr<PostgresLedger> ledger_ =
      std::make_unique<PostgresLedger>(io_.get_executor(), *pool_, settings_);
};

TEST_F(LedgerTest, ARowComesBackAsItWasRecorded) {
  const auto hold = take("a.0");
  auto offered = row(Outcome::kFailed, 2);
  offered.reason = "timeout";
  offered.provider_code = "451";
  offered.message = "no answer";
  offered.tries = 3;
  offered.total_tries = 6;
  offered.latency = 1234ms;
  offered.maybe = true;
  offered.first_failed_at = offered.ended_at - 1min;
  const auto stays = run(io_, ledger_->record(hold, offered));
  ASSERT_TRUE(stays) << stays.error().message;
  EXPECT_EQ(*stays, offered);
  EXPECT_EQ(*run(io_, ledger_->look_up(offered.id)), offered);
  EXPECT_EQ(*run(io_, ledger_->look_up(row(Outcome::kOpen).id)), std::nullopt);
}

TEST_F(LedgerTest, AnotherOwnerTakesOnlyWhenTheLeaseIsOverAndFencesTheFormerOne) {
  ASSERT_TRUE(run(io_, ledger_->begin_lease("a.0")));
  ASSERT_TRUE(run(io_, ledger_->begin_lease("b.0")));
  const auto former = take("a.0");
  EXPECT_EQ(*run(io_, ledger_->take(kPlace, "b.0")), std::nullopt);
  ASSERT_TRUE(*run(io_, ledger_->claim(former, 10)));

  change("UPDATE lease SET expires_at = now() - interval '1 second' WHERE owner = 'a.0'");
  // PostgreSQL must have been up for 8 s before a lease counts as over.
  std::optional<Taken> taken;
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!taken && std::chrono::steady_clock::now() < deadline)
    taken = *run(io_, ledger_->take(kPlace, "b.0"));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->claimed_to, 10);
  EXPECT_FALSE(*run(io_, ledger_->claim(former, 20)));
  EXPECT_FALSE(*run(io_, ledger_->renew_lease("a.0")));
  EXPECT_TRUE(*run(io_, ledger_->renew_lease("b.0")));
}

TEST_F(LedgerTest, OfAFencedOwnerOnlyDeliveredIsAccepted) {
  const auto former = take("a.0");
  const auto present = take("a.1");  // the same life takes its own at once
  EXPECT_EQ(*run(io_, ledger_->record(former, row(Outcome::kFailed))), std::nullopt);
  EXPECT_NE(*run(io_, ledger_->record(former, row(Outcome::kDelivered))), std::nullopt);
  EXPECT_NE(*run(io_, ledger_->record(present, row(Outcome::kFailed))), std::nullopt);
}

TEST_F(LedgerTest, GivingBackLowersTheClaimOnlyWhenAsked) {
  auto hold = take("a.0");
  ASSERT_TRUE(*run(io_, ledger_->claim(hold, 10)));
  ASSERT_TRUE(*run(io_, ledger_->claim(hold, 5)));  // never goes back while held
  ASSERT_TRUE(run(io_, ledger_->give_back(hold, std::nullopt)));
  auto taken = *run(io_, ledger_->take(kPlace, "b.0"));
  EXPECT_EQ(taken->claimed_to, 10);
  ASSERT_TRUE(run(io_, ledger_->give_back({.where = kPlace, .epoch = taken->epoch}, 7)));
  EXPECT_EQ((*run(io_, ledger_->take(kPlace, "c.0")))->claimed_to, 7);
  EXPECT_EQ(run(io_, ledger_->held_by("c"))->size(), 1U);
  EXPECT_TRUE(run(io_, ledger_->held_by("b"))->empty());
}

TEST_F(LedgerTest, TheStatementSaysWhatMergeSays) {
  const auto hold = take("a.0");
  EXPECT_TRUE(rc::check("a random history ends in the same row", [&] {
    const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int, int, bool>>>(
        rc::gen::tuple(rc::gen::inRange(0, 3), rc::gen::inRange(1, 4), rc::gen::inRange(0, 3),
                       rc::gen::inRange(0, 8), rc::gen::arbitrary<bool>()));
    auto base = row(Outcome::kOpen);
    std::optional<Row> model;
    for (const auto& [generation, attempt, round, outcome, maybe] : steps) {
      auto offered = base;
      offered.generation = static_cast<std::uint32_t>(generation);
      offered.attempt = static_cast<std::uint32_t>(attempt);
      offered.round = static_cast<std::uint32_t>(round);
      offered.outcome = static_cast<Outcome>(outcome);
      offered.maybe = maybe;
      offered.reason =
          "step " + std::to_string(generation) + std::to_string(attempt) + std::to_string(outcome);
      model = merge(model, offered);
      const auto stays = run(io_, ledger_->record(hold, offered));
      RC_ASSERT(stays.has_value());
      const bool same = *stays == model;
      RC_ASSERT(same);
    }
  }));
}

TEST_F(LedgerTest, AThousandOutcomesAtOnceAreEachAnswered) {
  const auto hold = take("a.0");
  std::size_t answered = 0;
  const auto offer = [](PostgresLedger& ledger, Hold held, Row offered,
                        std::size_t& count) -> asio::awaitable<void> {
    const auto stays = co_await ledger.record(held, offered);
    const auto found = co_await ledger.look_up(offered.id);
    if (stays && *stays == offered && found && *found == offered) ++count;
  };
  for (int i = 0; i < 1000; ++i) {
    spawn(io_.get_executor(), "offer", offer(*ledger_, hold, row(Outcome::kDelivered), answered));
  }
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  io_.restart();
  while (answered < 1000 && io_.run_one_until(deadline) > 0) {
  }
  EXPECT_EQ(answered, 1000U);
}

TEST_F(LedgerTest, PartitionsAreMadeAheadAndDroppedAfterRetentionByARoleThatMayNotChangeTheSchema) {
  change("SELECT make_ledger_partitions(now() - interval '100 days', now() - interval '90 days')");
  const auto count = [this] {
    return change("SELECT FROM pg_inherits WHERE inhparent = 'email.ledger'::regclass");
  };
  const auto before = count();
  const auto kept = run(io_, ledger_->keep_partitions());
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_LT(count(), before);
  EXPECT_FALSE(run(io_, pool_->query("CREATE TABLE mine (x int)")));
  EXPECT_NE(*run(io_, ledger_->record(take("a.0"), row(Outcome::kDelivered))), std::nullopt);
}

TEST_F(LedgerTest, ARefusedFollowUpIsKept) {
  kafka::Record record;
  record.topic = "bongsu.email.dlq";
  record.key = "k";
  record.value = std::string("\0\xff", 2);
  record.headers = {{"a", "b"}, {"c", "\xff"}};
  ASSERT_TRUE(run(io_, ledger_->keep_refused(record, {.detail = "MSG_SIZE_TOO_LARGE"})));
  EXPECT_EQ(change("SELECT FROM refused_follow_up WHERE value = '\\x00ff' AND code = 'MSG_SIZE_TOO_LARGE'"),
            1);
}

}  // namespace
}  // namespace bongsu::delivery
