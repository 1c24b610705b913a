#pragma once
#include "curl_socket.hpp"
#include "envelope.hpp"
#include "reply.hpp"

#include <bongsu/smtp/client.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::smtp {

/// One connection and the dialogue on it, one mail after the other (RFC 5321, PIPELINING: RFC 2920).
/// Threads: the io_context's one thread. Lifetime: outlives its coroutines.
class Session {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  Session(const asio::any_io_executor& executor, const Settings& settings, std::shared_ptr<CURLSH> share);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  asio::awaitable<Result<void>> open(Deadline deadline);
  asio::awaitable<Result<Receipt>> mail(const Envelope& envelope, Deadline deadline);
  asio::awaitable<Result<void>> noop(Deadline deadline);

  /// Open, in step with the server, and fit for another mail. A mail that was cancelled leaves it unfit.
  bool usable() const { return open_ && !at_work_; }
  /// Whether the last mail's message was begun: without it the server can have taken nothing.
  bool begun() const { return begun_; }

  /// Idle until wake(); `over` is called when the server closes or says something, or at `until`.
  void rest(Deadline until, std::function<void()> over);
  void wake();
  /// QUIT, without waiting for the answer.
  void say_goodbye();

 private:
  asio::awaitable<Result<void>> write(std::string_view bytes);
  asio::awaitable<Result<Reply>> read();
  asio::awaitable<Result<void>> begin_transaction(const Envelope& envelope);
  asio::awaitable<Result<Receipt>> hand_over(std::string_view wire);
  asio::awaitable<Result<void>> step_through(const Envelope& envelope);
  asio::awaitable<Result<void>> pipeline(const Envelope& envelope);
  asio::awaitable<Result<Reply>> ask(std::string_view line);
  Error refused(const Reply& reply, std::string_view step);
  Error broken(std::string message);
  void begin_work(Deadline deadline);
  void end_work();

  CurlSocket socket_;
  asio::steady_timer deadline_;
  bool timed_out_ = false;
  bool pipelining_ = false;
  bool open_ = false;
  bool at_work_ = false;
  bool begun_ = false;
  bool needs_reset_ = false;  ///< a refused recipient leaves its transaction open
  ReplyReader replies_;
  std::array<char, 4096> incoming_{};
  std::function<void()> over_;
  std::shared_ptr<Session*> self_;
};

}  // namespace bongsu::smtp
