#include "gate.hpp"

#include <bongsu/core/signal.hpp>

#include <array>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace bongsu::support {

namespace {
using tcp = asio::ip::tcp;
using Socket = std::shared_ptr<tcp::socket>;
}  // namespace

struct Gate::State {
  State(asio::io_context& io, tcp::endpoint to)
      : acceptor(io, tcp::endpoint{asio::ip::make_address("127.0.0.1"), 0}),
        target(std::move(to)),
        changed(io.get_executor()) {}

  tcp::acceptor acceptor;
  tcp::endpoint target;
  Signal changed;
  std::vector<std::weak_ptr<tcp::socket>> sockets;
  bool frozen = false;
  bool closed = false;
  int accepted = 0;

  void cut_all() {
    for (auto& weak : sockets) {
      if (const auto socket = weak.lock()) {
        boost::system::error_code ignored;  // it may be gone already
        socket->close(ignored);
      }
    }
    sockets.clear();
  }

  static asio::awaitable<void> pass(std::shared_ptr<State> state, Socket from, Socket to) {
    std::array<char, 65536> bytes{};
    boost::system::error_code error;
    while (!error) {
      const auto count = co_await from->async_read_some(asio::buffer(bytes),
                                                        asio::redirect_error(asio::use_awaitable, error));
      while (state->frozen) co_await state->changed.wait();
      if (error) break;
      co_await asio::async_write(*to, asio::buffer(bytes.data(), count),
                                 asio::redirect_error(asio::use_awaitable, error));
    }
    boost::system::error_code ignored;  // closing what is closed
    from->close(ignored);
    to->close(ignored);
  }

  static asio::awaitable<void> serve(std::shared_ptr<State> state, Socket client) {
    while (state->frozen) co_await state->changed.wait();
    const auto executor = co_await asio::this_coro::executor;
    auto server = std::make_shared<tcp::socket>(executor);
    state->sockets.push_back(client);
    state->sockets.push_back(server);
    boost::system::error_code error;
    co_await server->async_connect(state->target, asio::redirect_error(asio::use_awaitable, error));
    if (error || state->closed) co_return;
    spawn(executor, "gate.up", pass(state, client, server));
    spawn(executor, "gate.down", pass(state, server, client));
  }

  static asio::awaitable<void> accept(std::shared_ptr<State> state) {
    const auto executor = co_await asio::this_coro::executor;
    while (state->acceptor.is_open()) {
      boost::system::error_code error;
      auto client = std::make_shared<tcp::socket>(executor);
      co_await state->acceptor.async_accept(*client, asio::redirect_error(asio::use_awaitable, error));
      if (error || state->closed) continue;
      ++state->accepted;
      spawn(executor, "gate.serve", serve(state, std::move(client)));
    }
  }
};

Gate::Gate(asio::io_context& io, tcp::endpoint target)
    : state_(std::make_shared<State>(io, std::move(target))) {
  spawn(io.get_executor(), "gate.accept", State::accept(state_));
}

Gate::~Gate() {
  boost::system::error_code ignored;  // closing
  state_->acceptor.close(ignored);
  state_->closed = true;
  state_->frozen = false;
  state_->cut_all();
  state_->changed.notify_all();
}

int Gate::port() const { return state_->acceptor.local_endpoint().port(); }

void Gate::freeze() { state_->frozen = true; }

void Gate::thaw() {
  state_->frozen = false;
  state_->changed.notify_all();
}

void Gate::cut() {
  state_->closed = true;
  state_->cut_all();
}

void Gate::open() { state_->closed = false; }

int Gate::accepted() const { return state_->accepted; }

}  // namespace bongsu::support
