#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/postgres/params.hpp>
#include <bongsu/postgres/rows.hpp>
#include <bongsu/postgres/settings.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace bongsu::postgres {

class Connection;

/// A connection of one's own: for transactions of several statements, and for what lasts as long as the
/// connection does (advisory locks, SET).
///
/// Errors: as Pool. After kUnavailable the connection is gone, and with it the transaction and every lock.
/// Ordering: statements run in the order they were asked for; a second one may be asked for while the first
///   is under way (they are pipelined).
/// Threads: the io_context's one thread. Lifetime: going away rolls an open transaction back and returns the
///   connection to its pool, or closes it when it came from connect(). SETs and advisory locks are the
///   borrower's to undo.
class Session {
 public:
  using Timeout = std::optional<std::chrono::milliseconds>;
  /// Takes the connection back.
  using Return = std::move_only_function<void(std::shared_ptr<Connection>)>;

  Session(std::shared_ptr<Connection> connection, Return give_back);
  Session(Session&&) noexcept = default;
  Session& operator=(Session&&) noexcept;
  ~Session();

  asio::awaitable<Result<Rows>> query(std::string_view sql, Params params = {}, Timeout timeout = {});

  asio::awaitable<Result<void>> begin();
  /// Errors: kConflict when the transaction had failed before, and so was rolled back; kUnavailable with
  /// sent = kMaybe when the answer was lost, and the transaction may be committed.
  asio::awaitable<Result<void>> commit();
  asio::awaitable<Result<void>> rollback();

  /// Runs `body` (a coroutine function without parameters giving a Result) in a transaction: committed when
  /// it gives a value, else rolled back.
  template <class Body>
  auto transaction(Body body) -> decltype(body());

  /// Several statements at once, without parameters and rows, in one implicit transaction unless they
  /// contain their own. For migrations. Nothing else may be under way.
  asio::awaitable<Result<void>> script(std::string_view sql, Timeout timeout = {});

  /// False once the connection is lost.
  bool open() const;

 private:
  void release();

  std::shared_ptr<Connection> connection_;
  Return give_back_;
};

/// A connection outside of any pool, closed with its Session.
asio::awaitable<Result<Session>> connect(asio::any_io_executor executor, Settings settings);

template <class Body>
auto Session::transaction(Body body) -> decltype(body()) {
  if (auto begun = co_await begin(); !begun) co_return std::unexpected(std::move(begun.error()));
  auto answer = co_await body();
  if (!answer) {
    // What failed is the answer; a connection that cannot even roll back says so at its next use.
    (void)co_await rollback();
    co_return answer;
  }
  if (auto committed = co_await commit(); !committed) co_return std::unexpected(std::move(committed.error()));
  co_return answer;
}

}  // namespace bongsu::postgres
