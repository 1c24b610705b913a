#pragma once
#include <bongsu/http/client.hpp>

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace bongsu::http::testing {

/// What a server does with one request.
struct Act {
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";  ///< bytes as they are
  bool close = false;                                                     ///< after the answer
  bool silent = false;                                                    ///< no answer, and it stays open
  bool endless = false;                                                   ///< the answer, over and over
};

/// An HTTP server on the test's own loop that misbehaves as a test tells it; with `tls` it speaks TLS.
class ScriptedServer {
 public:
  using Script = std::function<Act(int connection, int request)>;  // both count from 1

  ScriptedServer(asio::io_context& io, Script script, asio::ssl::context* tls = nullptr)
      : state_(std::make_shared<State>(io)) {
    state_->script = std::move(script);
    state_->tls = tls;
    const asio::ip::tcp::endpoint loopback{asio::ip::make_address("127.0.0.1"), 0};
    state_->acceptor.open(loopback.protocol());
    state_->acceptor.bind(loopback);
    state_->acceptor.listen();
    spawn(io.get_executor(), "scripted server", accept(state_));
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer() { state_->acceptor.close(); }

  std::string url(const std::string& host = "127.0.0.1") const {
    return (state_->tls == nullptr ? "http://" : "https://") + host + ":" +
           std::to_string(state_->acceptor.local_endpoint().port());
  }
  int connections() const { return state_->connections; }
  int open() const { return state_->open; }
  int most_open() const { return state_->most_open; }
  /// The requests' bytes, in the order they came.
  const std::vector<std::string>& requests() const { return state_->requests; }

 private:
  struct State {
    explicit State(asio::io_context& io) : acceptor(io) {}
    asio::ip::tcp::acceptor acceptor;
    Script script;
    asio::ssl::context* tls = nullptr;
    int connections = 0;
    int open = 0;
    int most_open = 0;
    std::vector<std::string> requests;
  };
  static constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

  static asio::awaitable<void> accept(std::shared_ptr<State> state) {
    while (true) {
      auto [error, socket] = co_await state->acceptor.async_accept(kAsTuple);
      if (error) co_return;
      spawn(state->acceptor.get_executor(), "scripted connection", welcome(state, std::move(socket)));
    }
  }
  static asio::awaitable<void> welcome(std::shared_ptr<State> state, asio::ip::tcp::socket socket) {
    const int number = ++state->connections;
    state->most_open = std::max(state->most_open, ++state->open);
    if (state->tls == nullptr) {
      co_await serve(state, socket, number);
    } else {
      asio::ssl::stream<asio::ip::tcp::socket&> stream{socket, *state->tls};
      const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, kAsTuple);
      if (!error) co_await serve(state, stream, number);
    }
    --state->open;
  }
  template <class Stream>
  static asio::awaitable<void> serve(std::shared_ptr<State> state, Stream& stream, int number) {
    for (int count = 1;; ++count) {
      const auto request = co_await read_request(stream);
      if (!request) co_return;
      state->requests.push_back(*request);
      const auto act = state->script(number, count);
      do {
        const auto [error, size] =
            co_await asio::async_write(stream, asio::buffer(act.silent ? "" : act.answer), kAsTuple);
        if (error) co_return;
      } while (act.endless);
      if (act.close) co_return;
    }
  }
  template <class Stream>
  static asio::awaitable<std::optional<std::string>> read_request(Stream& stream) {
    std::string text;
    std::size_t wanted = std::string::npos;
    while (text.size() < wanted) {
      char bytes[4096];
      const auto [error, size] = co_await stream.async_read_some(asio::buffer(bytes), kAsTuple);
      if (error) co_return std::nullopt;
      text.append(bytes, size);
      const auto end = text.find("\r\n\r\n");
      const auto length = text.find("Content-Length: ");
      if (end == std::string::npos) continue;
      wanted = end + 4 + (length == std::string::npos ? 0 : std::stoul(text.substr(length + 16)));
    }
    co_return text;
  }

  std::shared_ptr<State> state_;
};

}  // namespace bongsu::http::testing
