#include "outbox_world.hpp"

namespace bongsu::outbox {
namespace {

/// Reports in later turns of the loop: what was published in one turn is one batch.
class FakePublisher final : public Publisher {
 public:
  FakePublisher(const asio::any_io_executor& executor, FakeLog& log, Report report)
      : state_(std::make_shared<State>(log, std::move(report))) {
    ++log.publishers;
    spawn(executor, "fake.publisher", serve(state_));
  }
  ~FakePublisher() override { state_->gone = true; }

  Result<void> publish(Event&& event, std::uint64_t token) override {
    if (state_->waiting.size() >= 500) return fail(ErrorCode::kExhausted, "fake: full");
    state_->waiting.emplace_back(token, std::move(event));
    state_->log.most_in_flight = std::max(state_->log.most_in_flight, state_->waiting.size());
    return {};
  }

 private:
  struct State {
    State(FakeLog& to, Report back) : log(to), report(std::move(back)) {}
    FakeLog& log;
    Report report;
    std::deque<std::pair<std::uint64_t, Event>> waiting;
    bool gone = false;
  };

  static asio::awaitable<void> serve(std::shared_ptr<State> state) {
    while (!state->gone) {
      co_await sleep_for(1ms);
      if (state->gone || state->waiting.empty() || state->log.holds) continue;
      auto batch = std::exchange(state->waiting, {});
      const bool spoilt = std::any_of(batch.begin(), batch.end(), [&](const auto& item) {
        return item.second.value.size() > state->log.largest;
      });
      for (auto& [token, event] : batch) {
        if (state->gone) co_return;
        if (state->log.breaks) {
          state->report(token, std::unexpected(*state->log.breaks));
        } else if (spoilt) {
          state->report(token, fail(ErrorCode::kTooLarge, "fake: too large", "MSG_SIZE_TOO_LARGE"));
        } else {
          state->log.confirmed.push_back(std::move(event));
          state->report(token, {});
        }
      }
    }
  }

  std::shared_ptr<State> state_;
};

}  // namespace

MakePublisher FakeLog::maker(const asio::any_io_executor& executor) {
  return [this, executor](Publisher::Report report) -> Result<std::unique_ptr<Publisher>> {
    breaks.reset();
    return std::make_unique<FakePublisher>(executor, *this, std::move(report));
  };
}

std::vector<std::string> FakeLog::values() const {
  std::vector<std::string> all;
  for (const auto& event : confirmed) all.push_back(event.value);
  return all;
}

OutboxWorld::OutboxWorld() {
  auto settings = database.settings();
  settings.connections = 20;
  settings.statement_timeout = 10s;
  settings.idle_in_transaction_timeout = 30s;
  pool = std::make_unique<postgres::Pool>(executor(), settings);
  administrator = std::make_unique<postgres::Pool>(executor(), database.administrator());
}

OutboxWorld::~OutboxWorld() {
  stop_relays();
  pool.reset();
  administrator.reset();
  io.restart();
  io.run();
}

bool OutboxWorld::until(const std::function<bool()>& holds, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  io.restart();
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline || io.run_one_until(deadline) == 0) return holds();
  }
  return true;
}

Relay& OutboxWorld::start_relay(RelaySettings settings) {
  settings.database = database.settings();
  settings.database.statement_timeout = 10s;  // machines that do much else
  settings.housekeeping = 50ms;
  settings.retry = 50ms;
  auto on_refused = [this](const Refused& event) -> asio::awaitable<Result<void>> {
    refused.push_back(event);
    co_return owner_answers;
  };
  relays.push_back(std::make_unique<Relay>(executor(), settings, publisher, on_refused));
  ++running;
  spawn(executor(), "relay", [](Relay& relay, int& alive) -> asio::awaitable<void> {
    co_await relay.run();
    --alive;
  }(*relays.back(), running));
  return *relays.back();
}

void OutboxWorld::stop_relays() {
  for (auto& relay : relays) relay->stop(10s);
  if (!until([this] { return running == 0; })) throw std::runtime_error("a relay does not stop");
  relays.clear();
}

Result<postgres::Rows> OutboxWorld::query(std::string_view sql, postgres::Params params) {
  return support::run(io, pool->query(sql, std::move(params)));
}

Result<postgres::Rows> OutboxWorld::administer(std::string_view sql) {
  return support::run(io, administrator->query(sql));
}

void OutboxWorld::insert(const std::vector<Event>& events) {
  const auto owner = Uuid{};
  Columns columns;
  for (const auto& event : events) columns.add(owner, event);
  auto params = postgres::Params::of(std::vector<Uuid>{owner});
  columns.append_to(params);
  const auto sql = "WITH inserted AS (SELECT unnest($1::uuid[]) AS id) " + insert_sql("inserted", 2);
  const auto rows = query(sql, std::move(params));
  if (!rows || rows->size() != events.size()) throw std::runtime_error("the events could not be inserted");
}

Position OutboxWorld::stored_cursor() {
  return support::run(io,
                      [](postgres::Pool& from) -> asio::awaitable<Result<Position>> {
                        co_return co_await cursor(from);
                      }(*pool))
      .value();
}

bool OutboxWorld::cursor_is_honest() {
  const auto rows = query(
      "SELECT value FROM outbox WHERE (xid, sequence) <= (SELECT xid, sequence FROM outbox_cursor) "
      "AND xid < pg_snapshot_xmin(pg_current_snapshot())");
  if (!rows) return false;
  std::set<std::string> confirmed;
  for (const auto& event : log.confirmed) confirmed.insert(event.value);
  for (std::size_t i = 0; i < rows->size(); ++i)
    if (!confirmed.contains(rows->get<std::string>(i, 0))) return false;
  return true;
}

Event event_of(std::string key, std::string value) {
  static std::uint64_t next = 0;
  SeededRandom dice{++next};
  return {.id = Uuid::v7(Timestamp{}, dice),
          .topic = "bongsu.test",
          .key = std::move(key),
          .headers = {{"ce_type", "test"}},
          .value = std::move(value)};
}

std::vector<Event> numbered(int first, int count) {
  std::vector<Event> events;
  for (int i = first; i < first + count; ++i) events.push_back(event_of("k", std::to_string(i)));
  return events;
}

std::set<std::string> distinct(const std::vector<std::string>& values) {
  return {values.begin(), values.end()};
}

std::shared_ptr<postgres::Session> open_transaction(OutboxWorld& world, std::string_view sql) {
  using Opened = std::shared_ptr<postgres::Session>;
  return support::run(world.io, [](OutboxWorld& in, std::string_view text) -> asio::awaitable<Opened> {
    auto session = co_await in.pool->session(30s);
    if (!session) throw std::runtime_error(session.error().message);
    for (const auto statement : {std::string_view{"BEGIN"}, text})
      if (const auto done = co_await session->query(statement); !done)
        throw std::runtime_error(done.error().message);
    co_return std::make_shared<postgres::Session>(std::move(*session));
  }(world, sql));
}

}  // namespace bongsu::outbox
