// P3 and P4: how fast the outbox relay publishes. See tests/bench/README.md.
#include "bare.hpp"
#include "measure/measure.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/kafka/admin.hpp>
#include <bongsu/outbox/columns.hpp>
#include <bongsu/outbox/kafka_publisher.hpp>
#include <bongsu/outbox/relay.hpp>
#include <bongsu/outbox/status.hpp>

#include <fmt/format.h>
#include <support/postgres/postgres_world.hpp>
#include <support/run.hpp>

namespace bongsu::bench {
namespace {

using namespace std::chrono_literals;
using support::good;
using Clock = std::chrono::steady_clock;

constexpr int kPartitions = 4;
constexpr std::size_t kValueBytes = 512;
constexpr std::size_t kBatch = 500;
constexpr int kRounds = 3;
const auto kRows = static_cast<std::size_t>(number_of("BENCH_ROWS", 1'000'000));

Headers realistic_headers() {
  return {{"ce_specversion", "1.0"},
          {"ce_id", "0193d6a0-7f00-8abc-8def-0123456789ab"},
          {"ce_source", "/bongsu/gateway"},
          {"ce_type", "bongsu.notification.requested.v1"},
          {"ce_time", "2026-11-21T03:55:23.000Z"},
          {"content-type", "application/protobuf"},
          {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
          {"bongsu-notification-id", "0193d6a0-7f00-8abc-8def-0123456789ab"}};
}

/// A database with `rows` committed events, and a topic for each run.
class World {
 public:
  explicit World(std::size_t count) : rows(count) {
    SystemRandom random;
    for (int i = 0; i < 10'000; ++i) {
      std::string value(kValueBytes, '\0');  // sealed values do not compress
      random.fill({reinterpret_cast<unsigned char*>(value.data()), value.size()});
      values.push_back(std::move(value));
      keys.push_back(Uuid::v7(SystemClock{}.now(), random).str());
    }
    auto settings = database.settings();
    settings.statement_timeout = 30s;
    pool = std::make_unique<postgres::Pool>(io.get_executor(), settings);
    auto administrator = database.administrator();
    administrator.statement_timeout = 120s;
    administrator_pool = std::make_unique<postgres::Pool>(io.get_executor(), administrator);
    fill();
  }

  ~World() {
    pool.reset();
    administrator_pool.reset();
    io.restart();
    io.run();
  }

  std::string new_topic() {
    topics.push_back(fmt::format("bench.relay.{}.{}", database.database(), topics.size()));
    auto admin = good(kafka::Admin::open(io.get_executor(), {.brokers = brokers}));
    const auto created = support::run(
        io, admin.create({{.name = topics.back(), .partitions = kPartitions, .configs = {}}}, 20s));
    good(created.front());
    return topics.back();
  }

  void remove_topics() {
    auto admin = good(kafka::Admin::open(io.get_executor(), {.brokers = brokers}));
    for (const auto& removed : support::run(io, admin.remove(topics, 20s))) good(removed);
  }

  postgres::Rows administer(std::string_view sql, postgres::Params params = {}) {
    return good(support::run(io, administrator_pool->query(sql, std::move(params)), 300s));
  }

  std::size_t rows;
  std::string brokers = setting("BONGSU_TEST_KAFKA");
  asio::io_context io;
  support::PostgresWorld database{"gateway"};
  std::unique_ptr<postgres::Pool> pool;
  std::unique_ptr<postgres::Pool> administrator_pool;
  std::vector<std::string> keys;
  std::vector<std::string> values;
  Headers headers = realistic_headers();
  std::vector<std::string> topics;

 private:
  /// As group commits write them, a few at a time.
  void fill() {
    // All in one leaf, and in the one that is not emptied, so that every round finds them.
    administer("ALTER SEQUENCE outbox_sequence RESTART WITH 1000000");
    std::size_t next = 0;
    int writers = 4;
    for (int i = 0; i < 4; ++i) spawn(io.get_executor(), "write", write(next, writers));
    while (writers > 0) io.run_one();
    // Hint bits and dirty pages are nobody's in particular.
    administer("SELECT count(value) FROM outbox");
    administer("CHECKPOINT");
  }

  asio::awaitable<void> write(std::size_t& next, int& writers) {
    static const std::string kSql =
        "WITH inserted AS (SELECT unnest($1::uuid[]) AS id) " + outbox::insert_sql("inserted", 2);
    while (next < rows) {
      outbox::Columns columns;
      for (std::size_t i = 0; i < kBatch && next < rows; ++i, ++next)
        columns.add({}, {.id = {},
                         .topic = "bench",
                         .key = keys[next % keys.size()],
                         .headers = headers,
                         .value = values[next % values.size()]});
      auto params = postgres::Params::of(std::vector<Uuid>(1));
      columns.append_to(params);
      good(co_await pool->query(kSql, std::move(params)));
    }
    --writers;
  }
};

asio::awaitable<Result<Clock::time_point>> published(postgres::Pool& pool, outbox::Position last) {
  for (;;) {
    const auto cursor = co_await outbox::cursor(pool);
    if (!cursor) co_return std::unexpected(cursor.error());
    if (*cursor >= last) co_return Clock::now();
    co_await sleep_for(10ms);
  }
}

/// The rows were written once; each round publishes them to a topic of its own.
class Redirected final : public outbox::Publisher {
 public:
  Redirected(std::unique_ptr<Publisher> inner, std::string topic)
      : inner_(std::move(inner)), topic_(std::move(topic)) {}
  Result<void> publish(outbox::Event&& event, std::uint64_t token) override {
    event.topic = topic_;
    return inner_->publish(std::move(event), token);
  }

 private:
  std::unique_ptr<Publisher> inner_;
  std::string topic_;
};

outbox::MakePublisher to_topic(World& world, const std::string& topic) {
  auto make = outbox::kafka_publisher(world.io.get_executor(), {.cluster = {.brokers = world.brokers}});
  return [make, topic](outbox::Publisher::Report report) -> Result<std::unique_ptr<outbox::Publisher>> {
    auto inner = make(std::move(report));
    if (!inner) return std::unexpected(inner.error());
    return std::make_unique<Redirected>(std::move(*inner), topic);
  };
}

/// From the relay's start (its connection included) until the cursor has passed the last row.
double relay_rate(World& world) {
  const auto topic = world.new_topic();
  world.administer("UPDATE outbox_cursor SET xid = '0', sequence = 0");
  const auto last_row =
      world.administer("SELECT xid, sequence FROM outbox ORDER BY xid DESC, sequence DESC LIMIT 1");
  const outbox::Position last{last_row.get<postgres::Xid>(0, 0), last_row.get<std::int64_t>(0, 1)};
  outbox::Relay relay{
      world.io.get_executor(),
      {.database = world.database.settings()},
      to_topic(world, topic),
      [](const outbox::Refused&) -> asio::awaitable<Result<void>> { co_return Result<void>{}; }};
  bool running = true;
  const auto began = Clock::now();
  spawn(world.io.get_executor(), "relay", [](outbox::Relay& works, bool& on) -> asio::awaitable<void> {
    co_await works.run();
    on = false;
  }(relay, running));
  const auto ended = good(support::run(world.io, published(*world.pool, last), 300s));
  relay.stop(10s);
  world.io.restart();
  while (running) world.io.run_one();
  const auto records = records_in(world.brokers, topic, kPartitions);
  if (records != world.rows)
    throw std::runtime_error(fmt::format("{} records of {} rows", records, world.rows));
  return static_cast<double>(world.rows) / std::chrono::duration<double>(ended - began).count();
}

void p3() {
  World world{kRows};
  std::vector<double> reads;
  std::vector<double> writes;
  std::vector<double> relays;
  for (int round = 0; round < kRounds; ++round) {
    reads.push_back(bare_cursor_read(world.database.administrator().uri, "gateway", kRows));
    writes.push_back(
        bare_producer(world.brokers, world.new_topic(), world.keys, world.values, world.headers, kRows));
    relays.push_back(relay_rate(world));
  }
  world.remove_topics();
  const auto limit = std::min(median(reads), median(writes));
  print({.id = "P3",
         .value = median(relays),
         .unit = "rows/s",
         .limit = limit,
         .detail = fmt::format(
             R"("rows":{},"value_bytes":{},"rounds":{},"bare_cursor_read":{:.0f},"bare_producer":{:.0f})",
             kRows, kValueBytes, kRounds, median(reads), median(writes))});
}

void p4() {
  World world{kRows};
  std::vector<double> alone;
  std::vector<double> beside;
  for (int round = 0; round < kRounds; ++round) {
    alone.push_back(relay_rate(world));
    auto settings = world.database.administrator();
    settings.idle_in_transaction_timeout = 0ms;  // never
    auto reader = support::run(
        world.io, [](postgres::Settings as) -> asio::awaitable<std::shared_ptr<postgres::Session>> {
          auto session = good(co_await postgres::connect(co_await asio::this_coro::executor, as));
          good(co_await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
          good(co_await session.query("SELECT count(*) FROM outbox_cursor"));  // the snapshot is taken
          co_return std::make_shared<postgres::Session>(std::move(session));
        }(settings));
    beside.push_back(relay_rate(world));
    good(support::run(world.io, reader->rollback()));
  }
  world.remove_topics();
  print({.id = "P4",
         .value = median(beside),
         .unit = "rows/s",
         .limit = median(alone),
         .detail = fmt::format(
             R"("rows":{},"value_bytes":{},"rounds":{},"limit_is":"the same without the snapshot")", kRows,
             kValueBytes, kRounds)});
}

}  // namespace
}  // namespace bongsu::bench

int main(int argc, char** argv) {
  using namespace bongsu::bench;
  bongsu::log::configure("bench_relay", bongsu::log::Level::kWarning);
  return run(argc, argv, {{"P3", p3}, {"P4", p4}});
}
