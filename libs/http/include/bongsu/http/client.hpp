#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/http/request.hpp>
#include <bongsu/http/url.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::http {

struct ClientSettings {
  std::size_t connections = 64;  ///< open at once to each origin, at most
  /// For one call in all: waiting for a connection, resolving, connect, TLS, request, answer, and the
  /// repetition where there is one.
  std::chrono::milliseconds timeout{5000};
  /// A connection without work is closed after this.
  std::chrono::milliseconds idle_timeout{30000};
  std::string ca_file;                      ///< whom to trust, PEM; empty: as the system does
  std::size_t max_answer_bytes = 1U << 20;  ///< of an answer's body
};

/// A request on its way out. Host, Content-Length and Connection are the client's affair.
/// Lifetime: `url` outlives it.
class ClientRequest {
 public:
  ClientRequest(Method method, const Url& url) : method_(method), url_(&url) {}

  ClientRequest& header(std::string_view name, std::string_view value);
  ClientRequest& body(std::string_view content_type, std::string text);

  Method method() const { return method_; }
  const Url& url() const { return *url_; }
  /// As they go over the wire.
  const std::string& header_lines() const { return header_lines_; }
  const std::string& body() const { return body_; }

 private:
  Method method_;
  const Url* url_;
  std::string header_lines_;
  std::string body_;
};

/// The value of Authorization for HTTP's Basic scheme (RFC 7617). Made once, kept for all calls.
std::string basic_auth(std::string_view username, std::string_view password);

/// An answer that is there in full.
struct ClientResponse {
  int status = 0;
  std::string body;
  std::string header_text;  ///< name, NUL, value, NUL, …: in the order of the answer

  /// The first value of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const;
  /// Retry-After, in seconds or as a date (counted from the answer's own Date where it has one).
  std::optional<std::chrono::milliseconds> retry_after() const;
};

/// Calls HTTP/1.1 servers over connections that are kept and used again, the latest used first. https://
/// verifies certificate and name.
///
/// Errors: kTimeout; kUnavailable (no connection, TLS, an answer cut, malformed or larger than allowed);
///   kCancelled (the client is gone). An answer of any status is no error. `sent` is maybe from the first
///   byte of the request that was handed to the operating system until the whole answer is there.
/// Delivery: a kept connection that turns out to be closed before a byte was written to it is replaced by
///   a new one, within the same timeout. Nothing else is ever repeated.
/// Ordering: none between calls; waiting calls get connections in the order they came.
/// Threads: the io_context's one thread. Lifetime: the io_context outlives the client; calls under way when
///   it goes end with kCancelled.
class Client {
 public:
  Client(const asio::any_io_executor& executor, ClientSettings settings);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// `request` outlives the call.
  asio::awaitable<Result<ClientResponse>> send(const ClientRequest& request);

  const ClientSettings& settings() const;
  /// Open now, idle ones included.
  std::size_t connections() const;
  /// Calls that wait for a connection.
  std::size_t waiting() const;

 private:
  std::shared_ptr<class ClientPool> pool_;
};

}  // namespace bongsu::http
