#pragma once
#include <bongsu/postgres/session.hpp>

namespace bongsu::postgres {

/// PostgreSQL for a whole process: a few connections, each with many statements in flight at once (libpq's
/// pipeline mode).
///
/// A statement is prepared by its text on each connection at its first use: texts are constants, values are
/// parameters. Connections come back by themselves, tried every 250 ms at most.
///
/// Errors: `detail` is the SQLSTATE, and no message holds a value of a row.
///   kAlreadyExists    a unique or exclusion constraint, which the message names (23505, 23P01)
///   kInvalidArgument  other data errors and constraints (22xxx, 23xxx)
///   kConflict         lost against another transaction (40001, 40P01, 55P03); again may succeed
///   kTimeout          ended by a timeout (57014), or no answer in time: then sent = kMaybe
///   kUnavailable      not connected (sent = kNo), or the connection was lost (sent = kMaybe)
///   kUnauthorized     privileges or password (42501, 28xxx)
///   kInternal         anything else, which is a mistake of ours
///   kCancelled        the pool is going away
/// Every call answers within its timeout + 250 ms, connected or not, whatever PostgreSQL does.
/// Ordering: none between two calls of query().
/// Threads: the io_context's one thread. Lifetime: what is under way when the pool goes away is answered with
///   kCancelled; sessions may outlive it.
class Pool {
 public:
  using Timeout = std::optional<std::chrono::milliseconds>;

  Pool(const asio::any_io_executor& executor, Settings settings);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// One statement, a transaction by itself, pipelined with whatever else is asked for.
  asio::awaitable<Result<Rows>> query(std::string_view sql, Params params = {}, Timeout timeout = {});

  /// A connection of one's own; waits until one is free, at most `timeout` (default: as a statement).
  /// Errors: kUnavailable.
  asio::awaitable<Result<Session>> session(Timeout timeout = {});

  /// Runs `body` (a coroutine function from Session& to a Result) in a transaction of its own.
  template <class Body>
  auto transaction(Body body) -> decltype(body(std::declval<Session&>()));

  /// Whether statements are expected to work: connected, or not tried yet. For health checks.
  bool available() const;

  const Settings& settings() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

template <class Body>
auto Pool::transaction(Body body) -> decltype(body(std::declval<Session&>())) {
  auto own = co_await session();
  if (!own) co_return std::unexpected(std::move(own.error()));
  auto& borrowed = *own;
  co_return co_await borrowed.transaction([&body, &borrowed] { return body(borrowed); });
}

}  // namespace bongsu::postgres
