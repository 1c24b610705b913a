#pragma once
#include <bongsu/outbox/event.hpp>
#include <bongsu/postgres/pool.hpp>

#include <optional>
#include <vector>

namespace bongsu::outbox {

struct Status {
  struct Leaf {
    int slot = 0;
    std::int64_t bytes = 0;
  };
  /// Everything before it is published.
  Position cursor;
  /// Committed rows that the relay has not published (counted up to 1,000,000).
  std::int64_t waiting = 0;
  /// When the first of them was inserted.
  std::optional<Timestamp> oldest_waiting;
  /// How long the transaction that holds the relay back has been open; zero when none is.
  std::chrono::milliseconds oldest_open_transaction{};
  std::int64_t failed = 0;
  std::vector<Leaf> leaves;
};

/// The outbox of the pool's schema. Errors: as Pool.
asio::awaitable<Result<Status>> status(postgres::Pool& pool);

struct FailedPublication {
  Uuid id;
  std::string topic;
  std::string reason;
  std::int64_t bytes = 0;
  Timestamp failed_at;
};

/// What Kafka refused, the newest first. Errors: as Pool.
asio::awaitable<Result<std::vector<FailedPublication>>> failed_publications(postgres::Pool& pool, int limit);

/// Puts what was refused into the outbox again, as it was. Errors: kNotFound; as Pool.
asio::awaitable<Result<void>> retry(postgres::Pool& pool, Uuid id);

/// Where the cursor stands. What a transaction wrote is published when its xid is smaller than the cursor's,
/// or its Position not greater. A row of state remembers its transaction by a column
/// `xid xid8 NOT NULL DEFAULT pg_current_xact_id()`; compare it in SQL with
/// `(SELECT xid FROM outbox_cursor)`.
asio::awaitable<Result<Position>> cursor(postgres::Pool& pool);

}  // namespace bongsu::outbox
