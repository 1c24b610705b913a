#include "connection.hpp"

#include "error.hpp"
#include "metrics.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/core/log.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace bongsu::postgres {
namespace {

// More texts than that are not constants; they are then parsed each time.
constexpr std::size_t kMaxPrepared = 500;
constexpr std::chrono::milliseconds kTick{50};

/// Parameters as libpq wants them: parallel arrays.
struct Arrays {
  explicit Arrays(const Params& params) {
    const auto count = params.size();
    types.reserve(count);
    values.reserve(count);
    lengths.reserve(count);
    formats.assign(count, 1);
    for (std::size_t i = 0; i < count; ++i) {
      types.push_back(params.type(i));
      values.push_back(params.is_null(i) ? nullptr : params.bytes(i).data());
      lengths.push_back(static_cast<int>(params.bytes(i).size()));
    }
  }
  int count() const { return static_cast<int>(types.size()); }

  std::vector<::Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
};

}  // namespace

std::unexpected<Error> not_connected() { return fail(ErrorCode::kUnavailable, "postgres: not connected"); }

Connection::Connection(const asio::any_io_executor& executor, const Settings& settings, pg_conn* connection)
    : executor_(executor),
      statement_timeout_(settings.statement_timeout),
      connection_(connection),
      socket_(executor, PQsocket(connection)),
      timer_(executor) {
  measured().connected.Increment();
  measured().connections.Increment();
}

Connection::~Connection() {
  if (is_open()) close({.code = ErrorCode::kCancelled, .message = "postgres: closed"});
}

bool Connection::in_transaction() const {
  return connection_ != nullptr && PQtransactionStatus(connection_) != PQTRANS_IDLE;
}

void Connection::start() { wait_readable(); }

void Connection::ask(Statement statement) {
  if (!is_open()) {
    asio::post(executor_, [done = std::move(statement.done)]() mutable { done(not_connected()); });
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (in_flight_.empty()) progress_ = now;
  in_flight_.push_back({.statement = std::move(statement), .asked = now});
  if (!send(in_flight_.back())) return lose("a statement could not be sent");
  flush();
  watch();
}

bool Connection::send(InFlight& item) {
  if (item.statement.script) return send_script(item);
  const auto timeout = item.statement.timeout;
  if (timeout == statement_timeout_) return send_one(item) && PQpipelineSync(connection_) == 1;
  // One implicit transaction up to the Sync, or the session's own: undone with it when the statement fails.
  item.results_before = 1;
  return send_timeout(timeout) && send_one(item) && send_timeout(statement_timeout_) &&
         PQpipelineSync(connection_) == 1;
}

bool Connection::send_timeout(std::chrono::milliseconds timeout) {
  const auto text = std::to_string(timeout.count());
  const char* value = text.c_str();
  return PQsendQueryParams(connection_, "SELECT set_config('statement_timeout', $1, false)", 1, nullptr,
                           &value, nullptr, nullptr, 1) == 1;
}

bool Connection::send_one(InFlight& item) {
  const auto& statement = item.statement;
  const Arrays arrays{statement.params};
  auto known = prepared_.find(statement.sql);
  if (known == prepared_.end() && prepared_.size() < kMaxPrepared) {
    known = prepared_.try_emplace(statement.sql, Prepared{.name = fmt::format("s{}", ++names_)}).first;
    item.prepares = true;
    item.results_before += 1;
    if (PQsendPrepare(connection_, known->second.name.c_str(), statement.sql.c_str(), arrays.count(),
                      arrays.types.data()) != 1)
      return false;
  } else if (known == prepared_.end() || !known->second.confirmed) {
    // Whoever prepares it may still fail; what does not depend on that is parsed for this once.
    return PQsendQueryParams(connection_, statement.sql.c_str(), arrays.count(), arrays.types.data(),
                             arrays.values.data(), arrays.lengths.data(), arrays.formats.data(), 1) == 1;
  }
  return PQsendQueryPrepared(connection_, known->second.name.c_str(), arrays.count(), arrays.values.data(),
                             arrays.lengths.data(), arrays.formats.data(), 1) == 1;
}

bool Connection::send_script(const InFlight& item) {
  require(in_flight_.size() == 1, "a script runs alone on its connection");
  return PQexitPipelineMode(connection_) == 1 && PQsendQuery(connection_, item.statement.sql.c_str()) == 1;
}

void Connection::flush() {
  const int left = PQflush(connection_);
  if (left < 0) return lose("the connection is broken");
  if (left > 0) wait_writable();
}

void Connection::wait_readable() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (error || !self->is_open()) return;
                       const bool alive = PQconsumeInput(self->connection_) == 1;
                       self->progress_ = std::chrono::steady_clock::now();
                       self->process();
                       if (!self->is_open()) return;
                       if (!alive) return self->lose("the connection is broken");
                       self->flush();
                       if (self->is_open()) self->wait_readable();
                     });
}

void Connection::wait_writable() {
  if (writing_) return;
  writing_ = true;
  socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->writing_ = false;
                       if (!error && self->is_open()) self->flush();
                     });
}

void Connection::process() {
  int nothing = 0;
  while (is_open() && !in_flight_.empty() && PQisBusy(connection_) == 0) {
    pg_result* result = PQgetResult(connection_);
    auto& head = in_flight_.front();
    if (result != nullptr) {
      nothing = 0;
      take(head, result);
    } else if (head.statement.script) {
      if (PQenterPipelineMode(connection_) != 1) return lose("the connection is broken");
      finish_head();
    } else if (++nothing > 1) {
      // One NULL ends the results of each command; two in a row are an end that nobody announced.
      return lose("the connection is broken");
    }
  }
}

void Connection::take(InFlight& head, pg_result* result) {
  switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
      PQclear(result);
      return finish_head();
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
      if (head.results++ == head.results_before || head.statement.script)
        head.rows = Rows{result};
      else
        PQclear(result);
      return;
    case PGRES_PIPELINE_ABORTED:
      PQclear(result);
      return;
    default:
      const bool last = ends_connection(result);
      if (!head.error) head.error = error_of(result);
      PQclear(result);
      if (last) close(*head.error);
  }
}

void Connection::finish_head() {
  auto head = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (!head.statement.script) {
    const auto known = prepared_.find(head.statement.sql);
    if (head.prepares && head.results >= head.results_before && known != prepared_.end())
      known->second.confirmed = true;
    // Not prepared; or prepared against a table that has changed since.
    const bool useless = head.prepares
                             ? head.results < head.results_before
                             : head.error && (head.error->detail == "0A000" || head.error->detail == "26000");
    if (useless && known != prepared_.end()) prepared_.erase(known);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - head.asked;
  measured().seconds.Observe(took.count());
  (head.error ? measured().failed : measured().succeeded).Increment();
  if (head.statement.done) {
    if (head.error)
      head.statement.done(std::unexpected(std::move(*head.error)));
    else
      head.statement.done(std::move(head.rows));
  }
  if (in_flight_.empty() && is_open() && notify_) notify_();
}

void Connection::watch() {
  if (watching_ || !is_open() || in_flight_.empty()) return;
  watching_ = true;
  timer_.expires_after(kTick);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self) return;
    self->watching_ = false;
    if (!error) self->look_at_time();
  });
}

void Connection::look_at_time() {
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < in_flight_.size(); ++i) {  // an answer may ask for more
    auto& statement = in_flight_[i].statement;
    if (!statement.done || now < statement.deadline) continue;
    const auto done = std::make_shared<Statement::Done>(std::move(statement.done));
    statement.done = nullptr;
    asio::post(executor_, [done] {
      (*done)(fail(ErrorCode::kTimeout, "postgres: no answer in time", {}, Sent::kMaybe));
    });
  }
  if (!in_flight_.empty() && now - progress_ > in_flight_.front().statement.timeout + kGrace) {
    silent_ = true;
    return lose("no sign of life");
  }
  watch();
}

void Connection::lose(std::string_view why) {
  log::warning("postgres.connection_lost", {{"why", why}, {"statements", in_flight_.size()}});
  close({.code = ErrorCode::kUnavailable,
         .message = fmt::format("postgres: the connection was lost: {}", why),
         .sent = Sent::kMaybe});
}

void Connection::close(const Error& why) {
  if (!is_open()) return;
  timer_.cancel();
  socket_.release();  // libpq closes its socket itself
  PQfinish(std::exchange(connection_, nullptr));
  measured().connections.Decrement();
  if (why.code != ErrorCode::kCancelled) measured().lost.Increment();
  for (auto& item : std::exchange(in_flight_, {})) {
    if (!item.statement.done) continue;
    asio::post(executor_, [done = std::move(item.statement.done), error = why]() mutable {
      done(std::unexpected(std::move(error)));
    });
  }
  if (notify_) asio::post(executor_, std::exchange(notify_, nullptr));
}

}  // namespace bongsu::postgres
