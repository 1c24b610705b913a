#include "refusals.hpp"
#include "shared.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/http/problem.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>

namespace bongsu::http {
namespace {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostRefusals = 256;  // connections that are being told that there are too many
constexpr milliseconds kAcceptPause{100};   // after an error of the machine's, such as no descriptor left

/// Deadlines are looked at from outside, by one timer for all connections: a request arms none.
milliseconds look_interval(const ServerSettings& settings) {
  const auto shortest = std::min(
      {settings.idle_timeout, settings.header_timeout, settings.body_timeout, settings.write_timeout});
  return std::clamp(shortest / 4, milliseconds{10}, milliseconds{1000});
}

}  // namespace

/// Kept by the server, by its accepting and its looking coroutine.
class Server::Parts {
 public:
  Parts(const asio::any_io_executor& executor, ServerSettings settings, Router router)
      : acceptor_(executor),
        timer_(executor),
        shared_(std::make_shared<Shared>(executor, std::move(settings), std::move(router))) {}

  Result<void> listen() {
    error_code error;
    const auto address = asio::ip::make_address(shared_->settings.host, error);
    if (error) return fail(ErrorCode::kInvalidArgument, "http: not an address: " + shared_->settings.host);
    const asio::ip::tcp::endpoint endpoint{address, shared_->settings.port};
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address{true}, error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return fail(ErrorCode::kUnavailable, "http: cannot listen on " + shared_->settings.host + ":" +
                                               std::to_string(shared_->settings.port) + ": " +
                                               error.message());
    }
    port_ = acceptor_.local_endpoint(error).port();
    return {};
  }

  static void start(const std::shared_ptr<Parts>& parts) {
    spawn(parts->acceptor_.get_executor(), "http.accept", accept(parts));
    spawn(parts->acceptor_.get_executor(), "http.look", look_after(parts));
  }

  void stop_accepting() {
    shared_->draining = true;
    error_code ignored;  // closing fails only for what is closed
    acceptor_.close(ignored);
  }

  void stop() {
    stop_accepting();
    stopped_ = true;
    timer_.cancel();
    for (auto* connection : shared_->connections) connection->cut();
  }

  asio::awaitable<bool> drain(Clock::duration bound) {
    const auto deadline = Clock::now() + bound;
    stop_accepting();
    for (auto* connection : shared_->connections) connection->close_if_idle();
    while (!shared_->connections.empty() && Clock::now() < deadline) {
      co_await shared_->gone.wait_for(deadline - Clock::now());
    }
    const bool all_ended = shared_->connections.empty();
    stop();
    co_return all_ended;
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return shared_->connections.size(); }

 private:
  static asio::awaitable<void> accept(std::shared_ptr<Parts> parts) {
    const auto executor = parts->acceptor_.get_executor();
    while (parts->acceptor_.is_open()) {
      error_code error;
      auto socket = co_await parts->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted || !parts->acceptor_.is_open()) co_return;
      if (error) {
        log::warning("http.accept_failed", {{"why", error.message()}});
        co_await sleep_for(kAcceptPause);
        continue;
      }
      if (parts->shared_->connections.size() < parts->shared_->settings.max_connections) {
        spawn(executor, "http.connection", serve_connection(std::move(socket), parts->shared_));
      } else if (parts->shared_->refusing < kMostRefusals) {
        spawn(executor, "http.refusal", refuse_connection(std::move(socket), parts->shared_));
      }
    }
  }

  static asio::awaitable<void> look_after(std::shared_ptr<Parts> parts) {
    const auto interval = look_interval(parts->shared_->settings);
    while (!parts->stopped_) {
      parts->timer_.expires_after(interval);
      error_code ignored;  // cancelled: stopped_ says the rest
      co_await parts->timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      const auto now = Clock::now();
      for (auto* connection : parts->shared_->connections) connection->look_at(now);
    }
  }

  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::shared_ptr<Shared> shared_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

Server::Server(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&& other) noexcept {
  if (parts_ && parts_ != other.parts_) parts_->stop();
  parts_ = std::move(other.parts_);
  return *this;
}
Server::~Server() {
  if (parts_) parts_->stop();
}

Result<Server> Server::listen(const asio::any_io_executor& executor, ServerSettings settings, Router router) {
  auto parts = std::make_shared<Parts>(executor, std::move(settings), std::move(router));
  const auto listening = parts->listen();
  if (!listening) return std::unexpected(listening.error());
  Parts::start(parts);
  return Server{std::move(parts)};
}

std::uint16_t Server::port() const { return parts_->port(); }
std::size_t Server::connections() const { return parts_->connections(); }
asio::awaitable<bool> Server::drain(Clock::duration bound) { return parts_->drain(bound); }

}  // namespace bongsu::http
