#include "message_parser.hpp"
#include "read_buffer.hpp"
#include "refusals.hpp"
#include "shared.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/http/problem.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace bongsu::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr auto kNever = Clock::time_point::max();
constexpr std::chrono::seconds kLinger{2};
constexpr std::size_t kLingerBytes = 32U << 20;
/// The body of a request that is refused by its header is still read, so that the connection can
/// go on, as long as it is no larger than this.
constexpr std::size_t kReadThough = 64U << 10;

class Connection final : public Connected {
 public:
  Connection(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared)
      : socket_(std::move(socket)), shared_(std::move(shared)) {
    place_ = shared_->connections.insert(shared_->connections.end(), this);
    shared_->metrics.connections().Increment();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override {
    shared_->connections.erase(place_);
    shared_->metrics.connections().Decrement();
    shared_->gone.notify_all();
  }

  asio::awaitable<void> run();

  void look_at(Clock::time_point now) override {
    if (now < deadline_) return;
    expired_ = true;
    cancel();
  }
  void close_if_idle() override {
    if (!idle_) return;
    expired_ = true;
    cancel();
  }
  void cut() override {
    expired_ = true;
    error_code ignored;  // closing fails only for what is closed
    socket_.close(ignored);
  }

 private:
  enum class Next : std::uint8_t { kGoOn, kClose, kRefusedEarly };
  enum class Outcome : std::uint8_t { kDone, kGone, kTooSlow, kMalformed, kTooLarge };

  asio::awaitable<Next> serve_one();
  asio::awaitable<Next> receive_and_answer();
  asio::awaitable<Response> handle(const Route& route);
  asio::awaitable<Outcome> parse(bool header_only);
  asio::awaitable<bool> read(std::size_t wanted);
  asio::awaitable<bool> write_out();
  asio::awaitable<Next> answer(const Response& response, bool keep_alive);
  asio::awaitable<Next> refuse(const Problem& problem);
  asio::awaitable<void> linger();
  std::optional<Problem> judge_header(const Router::Match& match) const;
  bool has_body() const { return parser_->chunked() || parser_->content_length().value_or(0) > 0; }

  void wait_at_most(Clock::duration duration) {
    deadline_ = Clock::now() + duration;
    expired_ = false;
  }
  void cancel() {
    error_code ignored;  // cancelling fails only for what is closed
    socket_.cancel(ignored);
  }

  asio::ip::tcp::socket socket_;
  std::shared_ptr<Shared> shared_;
  std::list<Connected*>::iterator place_;
  ReadBuffer buffer_;
  std::optional<MessageParser> parser_;
  Request request_;
  std::string out_;
  Clock::time_point deadline_ = kNever;
  bool expired_ = false;
  bool idle_ = false;
};

asio::awaitable<void> Connection::run() {
  error_code error;
  socket_.non_blocking(true, error);
  if (!error) socket_.set_option(asio::ip::tcp::no_delay{true}, error);
  if (error) co_return;  // the peer is gone already
  auto next = Next::kGoOn;
  while (next == Next::kGoOn) next = co_await serve_one();
  if (next == Next::kRefusedEarly || !buffer_.empty()) co_await linger();
}

/// Waits for a request, then has it answered.
asio::awaitable<Connection::Next> Connection::serve_one() {
  request_.clear();
  buffer_.shrink();
  parser_.emplace(request_, shared_->settings.max_header);
  buffer_.skip_line_ends();
  if (buffer_.empty()) {
    if (shared_->draining) co_return Next::kClose;
    wait_at_most(shared_->settings.idle_timeout);
    idle_ = true;
    const bool came = co_await read(0);
    idle_ = false;
    if (!came) co_return Next::kClose;
    buffer_.skip_line_ends();
  }
  wait_at_most(shared_->settings.header_timeout);
  switch (co_await parse(true)) {
    case Outcome::kDone:
      break;
    case Outcome::kGone:
      co_return Next::kClose;
    case Outcome::kTooSlow:
      co_return co_await refuse(request_timeout());
    case Outcome::kTooLarge:
      co_return co_await refuse(header_too_large());
    case Outcome::kMalformed:
      co_return co_await refuse(malformed_request());
  }
  co_return co_await receive_and_answer();
}

/// The header is there: finds the route, reads the body, lets the handler answer.
asio::awaitable<Connection::Next> Connection::receive_and_answer() {
  if (parser_->breaks_a_rule()) co_return co_await refuse(malformed_request());
  if (parser_->expects_something_else()) co_return co_await refuse(expectation_failed());
  const auto match = shared_->router.find(request_);
  const auto refusal = judge_header(match);
  const auto bound = refusal ? kReadThough : match.route->options.max_body;
  const bool waits_for_us = parser_->expects_continue() && buffer_.empty() && has_body();
  if (parser_->content_length().value_or(0) > bound || (refusal && waits_for_us)) {
    co_return co_await refuse(refusal ? *refusal : payload_too_large(bound));
  }
  if (waits_for_us) {
    out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await write_out()) co_return Next::kClose;
  }
  parser_->bound_body(bound);
  wait_at_most(shared_->settings.body_timeout);
  switch (co_await parse(false)) {
    case Outcome::kDone:
      break;
    case Outcome::kGone:
      co_return Next::kClose;
    case Outcome::kTooSlow:
      co_return co_await refuse(request_timeout());
    case Outcome::kTooLarge:
      co_return co_await refuse(refusal ? *refusal : payload_too_large(bound));
    case Outcome::kMalformed:
      co_return co_await refuse(malformed_request());
  }
  if (refusal) {
    shared_->metrics.refused(refusal->status);
    co_return co_await answer(to_response(*refusal, request_.language()), parser_->keep_alive());
  }
  const auto begin = Clock::now();
  deadline_ = kNever;  // how long it may take is the handler's own affair
  const auto response = co_await handle(*match.route);
  if (response.cut) co_return Next::kClose;
  const auto next = co_await answer(response, parser_->keep_alive());
  shared_->metrics.answered(*match.route, response.status, Clock::now() - begin);
  co_return next;
}

std::optional<Problem> Connection::judge_header(const Router::Match& match) const {
  if (match.route == nullptr) return match.path_known ? method_not_allowed(match.allowed) : not_found();
  if (!has_body()) return std::nullopt;
  const auto& expected = match.route->options.media_type;
  const auto encoding = request_.header("content-encoding").value_or("identity");
  const bool fits = expected.empty() || is_media_type(request_.header("content-type").value_or(""), expected);
  if (!fits || encoding != "identity") return unsupported_media_type(expected);
  return std::nullopt;
}

asio::awaitable<Response> Connection::handle(const Route& route) {
  try {
    co_return co_await route.handler(request_);
  } catch (const std::exception& error) {
    log::error("http.handler_failed",
               {{"method", name_of(route.method)}, {"route", route.pattern}, {"why", error.what()}});
  }
  co_return to_response(internal(), request_.language());
}

/// Parses what is buffered and reads on until the header, or the whole message, is there.
asio::awaitable<Connection::Outcome> Connection::parse(bool header_only) {
  parser_->eager(!header_only);
  while (header_only ? !parser_->is_header_done() : !parser_->is_done()) {
    error_code error;
    const auto bytes = buffer_.bytes();
    buffer_.consume(parser_->put(asio::const_buffer{bytes.data(), bytes.size()}, error));
    if (error == beast_http::error::header_limit || error == beast_http::error::body_limit) {
      co_return Outcome::kTooLarge;
    }
    if (error && error != beast_http::error::need_more) co_return Outcome::kMalformed;
    const bool done = header_only ? parser_->is_header_done() : parser_->is_done();
    if (done || (!error && !buffer_.empty())) continue;
    const auto to_come = parser_->is_header_done() ? parser_->content_length_remaining().value_or(0) : 0;
    if (buffer_.bytes().size() >= ReadBuffer::kLargest) co_return Outcome::kMalformed;  // an endless line
    if (!co_await read(to_come)) co_return expired_ ? Outcome::kTooSlow : Outcome::kGone;
  }
  co_return Outcome::kDone;
}

/// Reads some. False when the peer has ended or is gone, or when time is up (expired_).
asio::awaitable<bool> Connection::read(std::size_t wanted) {
  if (expired_) co_return false;
  error_code error;
  const auto count = co_await socket_.async_read_some(buffer_.prepare(wanted),
                                                      asio::redirect_error(asio::use_awaitable, error));
  buffer_.commit(count);
  co_return !error;
}

asio::awaitable<Connection::Next> Connection::answer(const Response& response, bool keep_alive) {
  keep_alive = keep_alive && !shared_->draining;
  out_.clear();
  write_response(out_, response,
                 {.keep_alive = keep_alive,
                  .http_1_0 = parser_->is_http_1_0(),
                  .without_body = request_.method() == Method::kHead},
                 shared_->date.now());
  const bool written = co_await write_out();
  co_return written&& keep_alive ? Next::kGoOn : Next::kClose;
}

/// Answers a request that will not be read to its end.
asio::awaitable<Connection::Next> Connection::refuse(const Problem& problem) {
  shared_->metrics.refused(problem.status);
  out_.clear();
  write_response(out_, to_response(problem, request_.language()),
                 {.keep_alive = false, .without_body = request_.method() == Method::kHead},
                 shared_->date.now());
  co_return co_await write_out() ? Next::kRefusedEarly : Next::kClose;
}

/// Nearly always the kernel takes it all at once, and nobody has to wait.
asio::awaitable<bool> Connection::write_out() {
  error_code error;
  const auto count = socket_.write_some(asio::buffer(out_), error);
  if (error == asio::error::would_block) error = {};
  if (error) co_return false;
  if (count < out_.size()) {
    wait_at_most(shared_->settings.write_timeout);
    co_await asio::async_write(socket_, asio::buffer(out_) + count,
                               asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
  }
  if (out_.capacity() > ReadBuffer::kLargest) out_ = {};
  co_return true;
}

/// Closing with unread input would reset the connection, and the peer might never see the answer:
/// says that it is over, and reads what still comes.
asio::awaitable<void> Connection::linger() {
  error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  wait_at_most(kLinger);
  for (std::size_t seen = 0; !error && seen < kLingerBytes;) {
    buffer_.consume(buffer_.bytes().size());
    if (!co_await read(ReadBuffer::kLargest)) break;
    seen += buffer_.bytes().size();
  }
}

}  // namespace

namespace {

asio::awaitable<void> read_to_end(asio::ip::tcp::socket& socket) {
  std::vector<char> unread(4096);
  error_code error;
  while (!error) {
    co_await socket.async_read_some(asio::buffer(unread), asio::redirect_error(asio::use_awaitable, error));
  }
}

}  // namespace

asio::awaitable<void> refuse_connection(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared) {
  ++shared->refusing;
  shared->metrics.refused(503);
  const auto problem = unavailable(std::chrono::seconds{1});
  std::string out;
  write_response(out, to_response(problem, Language::kKorean), {.keep_alive = false}, shared->date.now());
  error_code error;
  socket.non_blocking(true, error);
  // Small enough for an empty send buffer. What the peer has sent is read, or the answer would be lost.
  if (!error) socket.write_some(asio::buffer(out), error);
  if (!error) socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  using namespace asio::experimental::awaitable_operators;
  if (!error) co_await (read_to_end(socket) || sleep_for(kLinger));
  --shared->refusing;
}

asio::awaitable<void> serve_connection(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared) {
  Connection connection{std::move(socket), std::move(shared)};
  co_await connection.run();
}

}  // namespace bongsu::http
