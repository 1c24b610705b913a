#include "session.hpp"

#include <fmt/format.h>

namespace bongsu::smtp {

Session::Session(const asio::any_io_executor& executor, const Settings& settings,
                 std::shared_ptr<CURLSH> share)
    : socket_(executor, settings, std::move(share)),
      deadline_(executor),
      self_(std::make_shared<Session*>(this)) {}

Session::~Session() { *self_ = nullptr; }

asio::awaitable<Result<void>> Session::open(Deadline deadline) {
  auto opened = co_await socket_.open(deadline);
  open_ = opened.has_value();
  pipelining_ = open_ && socket_.offers("PIPELINING");
  co_return opened;
}

asio::awaitable<Result<Receipt>> Session::mail(const Envelope& envelope, Deadline deadline) {
  begun_ = false;
  begin_work(deadline);
  Result<Receipt> receipt;
  if (auto begun = co_await begin_transaction(envelope); begun)
    receipt = co_await hand_over(envelope.wire);
  else
    receipt = std::unexpected(std::move(begun.error()));
  end_work();
  co_return receipt;
}

asio::awaitable<Result<void>> Session::noop(Deadline deadline) {
  begin_work(deadline);
  auto reply = co_await ask("NOOP\r\n");
  end_work();
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  if (!reply->positive()) co_return std::unexpected(refused(*reply, "NOOP"));
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Session::begin_transaction(const Envelope& envelope) {
  return pipelining_ ? pipeline(envelope) : step_through(envelope);
}

asio::awaitable<Result<void>> Session::step_through(const Envelope& envelope) {
  if (needs_reset_) {
    const auto reset = co_await ask("RSET\r\n");
    if (!reset) co_return std::unexpected(reset.error());
    needs_reset_ = false;
  }
  const auto mail = co_await ask(fmt::format("MAIL FROM:<{}>\r\n", envelope.from));
  if (!mail) co_return std::unexpected(mail.error());
  if (!mail->positive()) co_return std::unexpected(refused(*mail, "MAIL"));
  const auto recipient = co_await ask(fmt::format("RCPT TO:<{}>\r\n", envelope.to));
  if (!recipient) co_return std::unexpected(recipient.error());
  needs_reset_ = true;
  if (!recipient->positive()) co_return std::unexpected(refused(*recipient, "RCPT"));
  const auto data = co_await ask("DATA\r\n");
  if (!data) co_return std::unexpected(data.error());
  if (data->code != 354) co_return std::unexpected(refused(*data, "DATA"));
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Session::pipeline(const Envelope& envelope) {
  auto written = co_await write(fmt::format("{}MAIL FROM:<{}>\r\nRCPT TO:<{}>\r\nDATA\r\n",
                                            needs_reset_ ? "RSET\r\n" : "", envelope.from, envelope.to));
  if (!written) co_return written;
  if (needs_reset_) {
    const auto reset = co_await read();
    if (!reset) co_return std::unexpected(reset.error());
  }
  needs_reset_ = true;
  const auto mail = co_await read();
  if (!mail) co_return std::unexpected(mail.error());
  // A server that is about to close answers the first command with 421 and reads no further.
  if (mail->code == 421) co_return std::unexpected(refused(*mail, "MAIL"));
  const auto recipient = co_await read();
  if (!recipient) co_return std::unexpected(mail->positive() ? recipient.error() : refused(*mail, "MAIL"));
  if (recipient->code == 421) co_return std::unexpected(refused(*recipient, "RCPT"));
  const auto data = co_await read();
  const bool accepted = mail->positive() && recipient->positive();
  // It waits for a message although there is nobody to take it: only closing ends this for sure.
  if (!accepted && (!data || data->code == 354)) open_ = false;
  if (!mail->positive()) co_return std::unexpected(refused(*mail, "MAIL"));
  if (!recipient->positive()) co_return std::unexpected(refused(*recipient, "RCPT"));
  if (!data) co_return std::unexpected(data.error());
  if (data->code != 354) co_return std::unexpected(refused(*data, "DATA"));
  co_return Result<void>{};
}

asio::awaitable<Result<Receipt>> Session::hand_over(std::string_view wire) {
  begun_ = true;
  // A message cut short is never taken: the server waits for the line with the dot.
  if (auto written = co_await write(wire); !written) co_return std::unexpected(std::move(written.error()));
  auto reply = co_await read();
  if (!reply) {
    reply.error().sent = Sent::kMaybe;
    co_return std::unexpected(std::move(reply.error()));
  }
  needs_reset_ = false;
  if (!reply->positive()) co_return std::unexpected(refused(*reply, "the message"));
  co_return Receipt{.queue_id = queue_id_of(reply->text)};
}

asio::awaitable<Result<Reply>> Session::ask(std::string_view line) {
  if (auto written = co_await write(line); !written) co_return std::unexpected(std::move(written.error()));
  co_return co_await read();
}

asio::awaitable<Result<void>> Session::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (timed_out_) co_return std::unexpected(broken("smtp: the server did not read in time"));
    const auto sent = socket_.send(bytes);
    if (!sent) co_return std::unexpected(broken(sent.error().message));
    bytes.remove_prefix(*sent);
    if (*sent == 0 && !co_await socket_.wait_writable() && !timed_out_)
      co_return std::unexpected(broken("smtp: interrupted"));
  }
  co_return Result<void>{};
}

asio::awaitable<Result<Reply>> Session::read() {
  while (true) {
    auto reply = replies_.next();
    if (!reply) co_return std::unexpected(broken(reply.error().message));
    if (*reply) co_return std::move(**reply);
    if (timed_out_) co_return std::unexpected(broken("smtp: no reply in time"));
    const auto received = socket_.receive(incoming_);
    if (!received) co_return std::unexpected(broken(received.error().message));
    if (*received > 0) {
      replies_.feed({incoming_.data(), *received});
    } else if (!co_await socket_.wait_readable() && !timed_out_) {
      co_return std::unexpected(broken("smtp: interrupted"));
    }
  }
}

/// A reply that ends the mail, not the connection, unless the server says so (421) or is out of step.
Error Session::refused(const Reply& reply, std::string_view step) {
  if (reply.code == 421 || reply.code < 400) open_ = false;
  return failure_of(reply, step);
}

/// The connection is of no use any more.
Error Session::broken(std::string message) {
  open_ = false;
  return Error{.code = timed_out_ ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
               .message = std::move(message),
               .detail = {},
               .sent = Sent::kNo,
               .retry_after = {}};
}

void Session::begin_work(Deadline deadline) {
  at_work_ = true;
  timed_out_ = false;
  deadline_.expires_at(deadline);
  deadline_.async_wait([self = self_](boost::system::error_code error) {
    if (error || *self == nullptr) return;
    auto& session = **self;
    if (session.deadline_.expiry() > std::chrono::steady_clock::now()) return;  // of a mail before
    session.timed_out_ = true;
    session.socket_.cancel();
  });
}

void Session::end_work() {
  at_work_ = false;
  deadline_.cancel();
}

void Session::rest(Deadline until, std::function<void()> over) {
  over_ = std::move(over);
  const auto end = [self = self_](boost::system::error_code error) {
    if (error || *self == nullptr || !(*self)->over_) return;
    const auto call = std::exchange((*self)->over_, nullptr);
    call();
  };
  deadline_.expires_at(until);
  deadline_.async_wait(end);
  socket_.descriptor().async_wait(asio::posix::descriptor_base::wait_read, end);
}

void Session::wake() {
  over_ = nullptr;
  deadline_.cancel();
  socket_.cancel();
}

void Session::say_goodbye() {
  // Whether it is heard makes no difference: the connection ends in either case.
  if (usable()) {
    [[maybe_unused]] const auto heard = socket_.send("QUIT\r\n");
  }
  open_ = false;
}

}  // namespace bongsu::smtp
