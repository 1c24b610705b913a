#pragma once
#include <bongsu/http/server.hpp>

#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

namespace bongsu::http::testing {

/// One answer as it came over the wire.
struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  bool has(std::string_view line) const { return head.find(line) != std::string::npos; }
};

/// A client that sends bytes as they are and waits at most half a minute for what comes back.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    const timeval bound{.tv_sec = 30, .tv_usec = 0};
    setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
  }

  void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }
  /// False when the server has hung up on us.
  bool try_send(std::string_view bytes) {
    boost::system::error_code error;
    asio::write(socket_, asio::buffer(bytes), error);
    return !error;
  }
  void end_sending() { socket_.shutdown(asio::ip::tcp::socket::shutdown_send); }

  /// The next answer; `to_head` has none to read after the header.
  Answer receive(bool to_head = false) {
    while (input_.find("\r\n\r\n") == std::string::npos) read_more();
    const auto end = input_.find("\r\n\r\n") + 4;
    Answer answer{.status = std::stoi(input_.substr(9, 3)), .head = input_.substr(0, end), .body = {}};
    input_.erase(0, end);
    const auto at = answer.head.find("Content-Length: ");
    const std::size_t length =
        to_head || at == std::string::npos ? 0 : std::stoul(answer.head.substr(at + 16));
    while (input_.size() < length) read_more();
    answer.body = input_.substr(0, length);
    input_.erase(0, length);
    return answer;
  }
  Answer ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }
  /// Nothing when the server has hung up.
  std::optional<Answer> try_ask(std::string_view bytes) {
    try_send(bytes);
    try {
      return receive();
    } catch (const std::runtime_error&) {
      return std::nullopt;
    }
  }
  /// Whether the server ends the connection in order, with nothing more to say.
  bool is_closed() {
    if (!input_.empty()) return false;
    char byte = 0;
    return ::recv(socket_.native_handle(), &byte, 1, 0) == 0;
  }

 private:
  void read_more() {
    char buffer[16384];
    const auto count = ::recv(socket_.native_handle(), buffer, sizeof(buffer), 0);
    if (count <= 0) throw std::runtime_error{"no answer; so far: " + input_};
    input_.append(buffer, static_cast<std::size_t>(count));
  }

  asio::io_context context_;
  asio::ip::tcp::socket socket_;
  std::string input_;
};

/// A server on its own io_context and thread. What handlers do runs there.
class World {
 public:
  explicit World(Router router, ServerSettings settings = {})
      : server_(std::move(*Server::listen(context_.get_executor(), std::move(settings), std::move(router)))),
        port_(server_->port()),
        thread_([this] { context_.run(); }) {}
  template <class Work>
  auto on_its_thread(Work work) {
    std::packaged_task<decltype(work())()> task{std::move(work)};
    auto result = task.get_future();
    asio::post(context_, [&task] { task(); });
    return result.get();
  }

  ~World() {
    on_its_thread([this] { server_.reset(); });
    work_.reset();
    thread_.join();
  }

  std::uint16_t port() const { return port_; }
  RawClient client() const { return RawClient{port_}; }
  std::size_t connections() {
    return on_its_thread([this] { return server_->connections(); });
  }
  std::future<bool> drain(std::chrono::steady_clock::duration bound) {
    return asio::co_spawn(context_, [this, bound] { return server_->drain(bound); }, asio::use_future);
  }
  asio::any_io_executor executor() { return context_.get_executor(); }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::optional<Server> server_;
  std::uint16_t port_;
  std::thread thread_;
};

}  // namespace bongsu::http::testing
