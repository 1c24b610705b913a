#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/postgres/params.hpp>
#include <bongsu/postgres/rows.hpp>
#include <bongsu/postgres/settings.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include <boost/asio/posix/stream_descriptor.hpp>

extern "C" {
struct pg_conn;
struct pg_result;
}

namespace bongsu::postgres {

using Instant = std::chrono::steady_clock::time_point;

/// How much longer than the server's own timeout an answer is waited for.
inline constexpr std::chrono::milliseconds kGrace{250};

/// One statement on its way, and who waits for its answer.
struct Statement {
  using Done = std::move_only_function<void(Result<Rows>)>;

  std::string sql;
  Params params;
  std::chrono::milliseconds timeout;
  /// When its asker gives up.
  Instant deadline;
  Done done;
  /// Several statements in one text, by the simple protocol.
  bool script = false;
};

/// A libpq connection in pipeline mode: many statements in flight, each its own transaction unless the
/// session has begun one, each failing for itself (one Sync a statement).
///
/// Errors: as Pool. A connection that gives no sign of life for a statement's timeout + 250 ms is closed.
/// Threads: the io_context's one thread. Answers come from the io_context, never from within ask().
/// Lifetime: shared; alive until closed or lost, whoever lets go of it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  static asio::awaitable<Result<std::shared_ptr<Connection>>> open(asio::any_io_executor executor,
                                                                   Settings settings);

  Connection(const asio::any_io_executor& executor, const Settings& settings, pg_conn* connection);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  void ask(Statement statement);

  bool is_open() const { return connection_ != nullptr; }
  /// Whether it was the silence of the server that closed it.
  bool was_silent() const { return silent_; }
  std::size_t outstanding() const { return in_flight_.size(); }
  bool in_transaction() const;
  std::chrono::milliseconds statement_timeout() const { return statement_timeout_; }

  /// Calls `notify` when it is closed, and whenever nothing is outstanding any more.
  void on_change(std::function<void()> notify) { notify_ = std::move(notify); }

  /// Answers everything outstanding with `why`.
  void close(const Error& why);

 private:
  struct InFlight {
    Statement statement;
    Instant asked;
    /// Results before the one that is asked for: of the timeout's setting, of Prepare.
    int results_before = 0;
    bool prepares = false;
    int results = 0;
    Rows rows;
    std::optional<Error> error;
  };
  struct Prepared {
    std::string name;
    bool confirmed = false;
  };

  void start();
  bool send(InFlight& item);
  bool send_one(InFlight& item);
  bool send_script(const InFlight& item);
  bool send_timeout(std::chrono::milliseconds timeout);
  void flush();
  void wait_readable();
  void wait_writable();
  void process();
  void take(InFlight& head, pg_result* result);
  void finish_head();
  void watch();
  void look_at_time();
  void lose(std::string_view why);

  asio::any_io_executor executor_;
  std::chrono::milliseconds statement_timeout_;
  pg_conn* connection_;
  asio::posix::stream_descriptor socket_;
  asio::steady_timer timer_;
  std::deque<InFlight> in_flight_;
  std::unordered_map<std::string, Prepared> prepared_;
  std::uint64_t names_ = 0;
  Instant progress_;
  std::function<void()> notify_;
  bool writing_ = false;
  bool watching_ = false;
  bool silent_ = false;
};

/// An unexpected<Error> for a connection that is not there; nothing was sent.
std::unexpected<Error> not_connected();

}  // namespace bongsu::postgres
