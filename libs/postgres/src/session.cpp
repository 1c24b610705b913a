#include "connection.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/postgres/session.hpp>

namespace bongsu::postgres {
namespace {

asio::awaitable<Result<Rows>> ask(std::shared_ptr<Connection> connection, Statement statement) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Result<Rows>)>(
      [](auto handler, std::shared_ptr<Connection> to, Statement moved) {
        moved.done = [handler = std::move(handler)](Result<Rows> answer) mutable {
          std::move(handler)(std::move(answer));
        };
        to->ask(std::move(moved));
      },
      asio::use_awaitable, std::move(connection), std::move(statement));
}

Statement statement_of(const Connection& connection, std::string_view sql, Params params,
                       Session::Timeout timeout) {
  const auto allowed = timeout.value_or(connection.statement_timeout());
  return {.sql = std::string{sql},
          .params = std::move(params),
          .timeout = allowed,
          .deadline = std::chrono::steady_clock::now() + allowed + kGrace};
}

Result<void> only_outcome(Result<Rows> rows) {
  if (!rows) return std::unexpected(std::move(rows.error()));
  return {};
}

}  // namespace

Session::Session(std::shared_ptr<Connection> connection, Return give_back)
    : connection_(std::move(connection)), give_back_(std::move(give_back)) {}

Session& Session::operator=(Session&& other) noexcept {
  if (this == &other) return *this;
  release();
  connection_ = std::move(other.connection_);
  give_back_ = std::move(other.give_back_);
  return *this;
}

Session::~Session() { release(); }

void Session::release() {
  if (!connection_) return;
  auto connection = std::exchange(connection_, nullptr);
  auto give_back = std::exchange(give_back_, nullptr);
  if (!connection->is_open() || (!connection->in_transaction() && connection->outstanding() == 0))
    return give_back(std::move(connection));
  auto* where = connection.get();
  auto rollback = statement_of(*connection, "ROLLBACK", {}, {});
  rollback.done = [connection = std::move(connection),
                   give_back = std::move(give_back)](Result<Rows> outcome) mutable {
    if (!outcome) connection->close(outcome.error());
    give_back(std::move(connection));
  };
  where->ask(std::move(rollback));
}

asio::awaitable<Result<Rows>> Session::query(std::string_view sql, Params params, Timeout timeout) {
  return ask(connection_, statement_of(*connection_, sql, std::move(params), timeout));
}

asio::awaitable<Result<void>> Session::begin() { co_return only_outcome(co_await query("BEGIN")); }

asio::awaitable<Result<void>> Session::commit() {
  auto rows = co_await query("COMMIT");
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  if (rows->command() != "COMMIT")
    co_return fail(ErrorCode::kConflict, "postgres: the transaction had failed and was rolled back", "25P02");
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Session::rollback() { co_return only_outcome(co_await query("ROLLBACK")); }

asio::awaitable<Result<void>> Session::script(std::string_view sql, Timeout timeout) {
  if (timeout && *timeout != connection_->statement_timeout()) {
    const auto set = co_await query("SELECT set_config('statement_timeout', $1, false)",
                                    Params::of(std::to_string(timeout->count())));
    if (!set) co_return std::unexpected(set.error());
  }
  auto statement = statement_of(*connection_, sql, {}, timeout);
  statement.script = true;
  auto outcome = only_outcome(co_await ask(connection_, std::move(statement)));
  if (timeout && *timeout != connection_->statement_timeout() && outcome) {
    const auto reset = co_await query("RESET statement_timeout");
    if (!reset) co_return std::unexpected(reset.error());
  }
  co_return outcome;
}

bool Session::open() const { return connection_ && connection_->is_open(); }

asio::awaitable<Result<Session>> connect(asio::any_io_executor executor, Settings settings) {
  auto connection = co_await Connection::open(std::move(executor), std::move(settings));
  if (!connection) co_return std::unexpected(std::move(connection.error()));
  co_return Session{std::move(*connection), [](std::shared_ptr<Connection> given_back) {
                      given_back->close({.code = ErrorCode::kCancelled, .message = "postgres: closed"});
                    }};
}

}  // namespace bongsu::postgres
