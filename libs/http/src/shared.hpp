#pragma once
#include "server_metrics.hpp"
#include "wire.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/http/server.hpp>

#include <list>

#include <boost/asio/ip/tcp.hpp>

namespace bongsu::http {

/// What the server can do to a connection from outside.
class Connected {
 public:
  virtual ~Connected() = default;
  /// Ends the wait it is in, if that has lasted too long.
  virtual void look_at(std::chrono::steady_clock::time_point now) = 0;
  /// Closes it when no request has begun.
  virtual void close_if_idle() = 0;
  virtual void cut() = 0;
};

/// What the connections of a server have in common. Lives until the last of them is gone.
struct Shared {
  Shared(const asio::any_io_executor& executor, ServerSettings server_settings, Router server_router)
      : settings(std::move(server_settings)), router(std::move(server_router)), gone(executor) {}

  ServerSettings settings;
  Router router;
  HttpDate date;
  ServerMetrics metrics;
  std::list<Connected*> connections;
  Signal gone;               // a connection has ended
  std::size_t refusing = 0;  // connections too many, that are being told
  bool draining = false;
};

/// Serves the requests of one connection until it ends.
asio::awaitable<void> serve_connection(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared);

/// Answers 503 without reading, for one connection too many.
asio::awaitable<void> refuse_connection(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared);

}  // namespace bongsu::http
