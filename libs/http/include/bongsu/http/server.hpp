#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/http/router.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace bongsu::http {

struct ServerSettings {
  std::string host = "127.0.0.1";  ///< an address, not a name
  std::uint16_t port = 0;          ///< 0: any free one
  std::size_t max_connections = 4096;
  std::size_t max_header = 16U << 10;
  std::chrono::milliseconds idle_timeout = std::chrono::seconds{60};
  std::chrono::milliseconds header_timeout = std::chrono::seconds{10};
  std::chrono::milliseconds body_timeout = std::chrono::seconds{30};
  std::chrono::milliseconds write_timeout = std::chrono::seconds{30};
};

/// An HTTP/1.1 server (RFC 9112): keep-alive, pipelining, chunked bodies, 100-continue, HTTP/1.0.
///
/// Errors: what breaks the protocol or a bound is answered by a problem document and never reaches a
///   handler: 400, 404, 405, 408, 413, 415, 417, 431, and 503 when there are too many connections. Time
///   bounds are kept to a quarter of the shortest one, at most 1 s.
/// Ordering: requests of a connection are handled one after the other.
/// Threads: the io_context's one thread. Lifetime: what handlers refer to outlives drain(), or the
///   io_context if that is not called.
class Server {
 public:
  /// Listens at once. Errors: kUnavailable (the address is taken), kInvalidArgument.
  static Result<Server> listen(const asio::any_io_executor& executor, ServerSettings settings, Router router);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  /// Cuts all connections that are left.
  ~Server();

  std::uint16_t port() const;
  std::size_t connections() const;

  /// Accepts no more, closes idle connections, lets running requests end, and cuts at `bound` what is
  /// left. Whether all ended by themselves.
  asio::awaitable<bool> drain(std::chrono::steady_clock::duration bound);

 private:
  class Parts;
  explicit Server(std::shared_ptr<Parts> parts);
  std::shared_ptr<Parts> parts_;
};

}  // namespace bongsu::http
