#pragma once
#include "read_buffer.hpp"

#include <bongsu/http/client.hpp>

#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace bongsu::http {

/// One connection to a server, and the buffers that its calls use again.
///
/// Errors: kUnavailable, with `sent` as Client promises. After one, and after cancel(), it is of no use.
/// Threads: the io_context's one thread. One call at a time.
class ClientConnection {
 public:
  explicit ClientConnection(const asio::any_io_executor& executor) : socket_(executor) {}

  /// Connects to the first of `endpoints` that lets us; with `tls`, shakes hands and verifies the name.
  asio::awaitable<Result<void>> open(const std::vector<asio::ip::tcp::endpoint>& endpoints, const Url& url,
                                     asio::ssl::context* tls);

  /// Writes the request and reads the whole answer.
  asio::awaitable<Result<ClientResponse>> exchange(const ClientRequest& request, std::size_t max_body);

  /// Whether the other side has neither closed it nor said anything unasked: looks, and waits for nothing.
  bool is_quiet();
  /// Whether another call may use it after the last one.
  bool is_reusable() const { return reusable_ && !cancelled_; }
  /// Whether anything of the last request may have left us.
  bool has_written() const { return written_; }

  /// Ends what is under way with an error, whatever it waits for.
  void cancel();

 private:
  asio::awaitable<Result<void>> shake_hands(const Url& url, asio::ssl::context& tls);
  /// What the kernel did not take; none: it never will.
  std::optional<asio::const_buffer> write_at_once(const ClientRequest& request);
  asio::awaitable<std::optional<asio::const_buffer>> write_rest(asio::const_buffer rest);
  asio::awaitable<boost::system::error_code> read();

  asio::ip::tcp::socket socket_;
  std::unique_ptr<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
  ReadBuffer buffer_;
  std::string out_;
  bool cancelled_ = false;
  bool reusable_ = false;
  bool written_ = false;
};

}  // namespace bongsu::http
