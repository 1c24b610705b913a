#pragma once
#include <bongsu/outbox/columns.hpp>
#include <bongsu/outbox/relay.hpp>
#include <bongsu/outbox/status.hpp>

#include <map>

#include <support/postgres/postgres_world.hpp>
#include <support/run.hpp>

namespace bongsu::outbox {

using namespace std::chrono_literals;

/// A log in memory, behind a publisher that behaves as a test wants it to.
struct FakeLog {
  std::vector<Event> confirmed;
  /// Accepted and not reported while it is set: Kafka is away.
  bool holds = false;
  /// The next report says so, and each after it, until a new publisher is made.
  std::optional<Error> breaks;
  /// Larger values are refused, and everything that shares the turn of the loop with one.
  std::size_t largest = 1UL << 20;
  int publishers = 0;
  std::size_t most_in_flight = 0;

  MakePublisher maker(const asio::any_io_executor& executor);
  std::vector<std::string> values() const;
};

/// A gateway's database with a relay of its own; time enough for slow machines.
class OutboxWorld {
 public:
  OutboxWorld();
  ~OutboxWorld();

  asio::any_io_executor executor() { return io.get_executor(); }
  /// Turns the loop until `holds` is true. False when that takes longer than `limit`.
  bool until(const std::function<bool()>& holds, std::chrono::seconds limit = 30s);

  Relay& start_relay(RelaySettings settings = {});
  void stop_relays();

  Result<postgres::Rows> query(std::string_view sql, postgres::Params params = {});
  /// As an administrator.
  Result<postgres::Rows> administer(std::string_view sql);
  /// One transaction.
  void insert(const std::vector<Event>& events);
  Position stored_cursor();
  /// Whether every row up to the stored cursor is in the log: what is asked of the relay at any moment.
  bool cursor_is_honest();

  asio::io_context io;
  support::PostgresWorld database{"gateway"};
  FakeLog log;
  /// What relays publish to; `log` unless a test says otherwise.
  MakePublisher publisher = log.maker(io.get_executor());
  std::unique_ptr<postgres::Pool> pool;
  std::unique_ptr<postgres::Pool> administrator;
  std::vector<Refused> refused;
  Result<void> owner_answers;
  std::vector<std::unique_ptr<Relay>> relays;
  int running = 0;
};

Event event_of(std::string key, std::string value);
/// `count` events of one key whose values are numbers from `first` on.
std::vector<Event> numbered(int first, int count);
std::set<std::string> distinct(const std::vector<std::string>& values);

/// A transaction that has run `sql` and stays open.
std::shared_ptr<postgres::Session> open_transaction(OutboxWorld& world, std::string_view sql);

}  // namespace bongsu::outbox
