#pragma once
#include <bongsu/outbox/publisher.hpp>
#include <bongsu/postgres/settings.hpp>

#include <chrono>

namespace bongsu::outbox {

struct RelaySettings {
  /// The service's database, role and schema. The relay opens one connection of its own.
  postgres::Settings database;
  /// What may be published and not yet confirmed.
  std::size_t max_in_flight = 50'000;
  std::size_t max_in_flight_bytes = 16UL << 20;
  /// Rows of one read; fewer when they are large (about 1 MiB a read).
  std::size_t page_rows = 1000;
  /// Pause between reads that did not fill a page: while there is work, and, growing up to that, at rest.
  std::chrono::milliseconds busy_poll{5};
  std::chrono::milliseconds idle_poll{100};
  /// Pause before trying again: to become the leader, to connect, to publish after an error.
  std::chrono::milliseconds retry{250};
  /// How often full leaves are emptied and the age of the oldest open transaction is looked at.
  std::chrono::milliseconds housekeeping{1000};
};

/// A row that Kafka refuses for its own sake. It rests in failed_publication.
struct Refused {
  Position position;
  Event event;
  std::string reason;
};

/// Tells the owner: its message becomes FAILED, an alert goes out. Called again, also after a restart, until
/// it gives no error; so it must bear being called twice for the same event.
using OnRefused = std::function<asio::awaitable<Result<void>>(const Refused&)>;

/// Publishes the outbox of one schema, at least once, in the order of (xid, sequence).
///
/// Of all relays of a schema one works at a time, the one whose connection holds the advisory lock; the
/// others stand by and take over within `retry` of its end. A row is passed by the cursor only when it and
/// all before it are confirmed by Kafka (or rest in failed_publication). See README.md for what happens when
/// it stops anywhere in between.
///
/// Errors: none come out. PostgreSQL or Kafka away: it waits, logs once, goes on by itself.
/// Ordering: events of one key in the order of their transactions, as long as Kafka accepts them; what is
///   published again after a stop comes in the same order.
/// Threads: the io_context's one thread. Lifetime: until run() has returned.
class Relay {
 public:
  Relay(const asio::any_io_executor& executor, RelaySettings settings, MakePublisher make_publisher,
        OnRefused on_refused);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay();

  /// Works until stop(). Call once.
  asio::awaitable<void> run();

  /// There is something new: read at once. Costs nothing when called often.
  void wake();

  /// Reads no more; what is in flight is waited for, at most `drain`, and the cursor moved over it. Then
  /// run() returns.
  void stop(std::chrono::milliseconds drain);

  bool leading() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bongsu::outbox
