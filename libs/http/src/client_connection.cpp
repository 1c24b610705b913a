#include "client_connection.hpp"

#include "response_parser.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

namespace bongsu::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;

void write_head(std::string& out, const ClientRequest& request) {
  out.append(name_of(request.method()))
      .append(" ")
      .append(request.url().path())
      .append(" HTTP/1.1\r\nHost: ");
  out.append(request.url().authority()).append("\r\n").append(request.header_lines());
  const bool has_body = request.method() != Method::kGet && request.method() != Method::kHead;
  if (has_body) out.append("Content-Length: ").append(std::to_string(request.body().size())).append("\r\n");
  out.append("\r\n");
  if (has_body) out.append(request.body());
}

std::unexpected<Error> broken(std::string message, bool written) {
  return fail(ErrorCode::kUnavailable, "http: " + std::move(message), {}, written ? Sent::kMaybe : Sent::kNo);
}

}  // namespace

asio::awaitable<Result<void>> ClientConnection::open(const std::vector<asio::ip::tcp::endpoint>& endpoints,
                                                     const Url& url, asio::ssl::context* tls) {
  error_code error = asio::error::host_not_found;
  for (const auto& endpoint : endpoints) {
    if (cancelled_) break;
    error_code ignored;  // closing fails only for what is closed
    socket_.close(ignored);
    co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (!error) break;
  }
  if (!error) socket_.set_option(asio::ip::tcp::no_delay{true}, error);
  if (!error) socket_.non_blocking(true, error);
  if (error || cancelled_) {
    co_return broken("cannot connect to " + url.authority() + ": " + error.message(), false);
  }
  if (tls != nullptr) co_return co_await shake_hands(url, *tls);
  co_return Result<void>{};
}

asio::awaitable<Result<void>> ClientConnection::shake_hands(const Url& url, asio::ssl::context& tls) {
  tls_ = std::make_unique<asio::ssl::stream<asio::ip::tcp::socket&>>(socket_, tls);
  error_code error;
  asio::ip::make_address(url.host(), error);
  const bool is_name = static_cast<bool>(error);  // RFC 6066: no address in server_name
  if (is_name) SSL_set_tlsext_host_name(tls_->native_handle(), url.host().c_str());
  tls_->set_verify_mode(asio::ssl::verify_peer);
  tls_->set_verify_callback(asio::ssl::host_name_verification{url.host()});
  error = {};
  co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                 asio::redirect_error(asio::use_awaitable, error));
  if (error || cancelled_) {
    const auto* verdict = X509_verify_cert_error_string(SSL_get_verify_result(tls_->native_handle()));
    co_return broken("no TLS with " + url.authority() + ": " + error.message() + ", certificate: " + verdict,
                     false);
  }
  co_return Result<void>{};
}

asio::awaitable<Result<ClientResponse>> ClientConnection::exchange(const ClientRequest& request,
                                                                   std::size_t max_body) {
  reusable_ = false;
  written_ = false;
  auto rest = write_at_once(request);
  if (rest && rest->size() > 0) rest = co_await write_rest(*rest);
  if (out_.capacity() > ReadBuffer::kLargest) out_ = {};
  if (!rest || cancelled_) co_return broken("the connection broke while the request went out", written_);
  ClientResponse response;
  const bool to_head = request.method() == Method::kHead;
  std::optional<ResponseParser> parser{std::in_place, response, to_head, max_body};
  while (true) {
    error_code error;
    const auto bytes = buffer_.bytes();
    if (!bytes.empty()) buffer_.consume(parser->put(asio::const_buffer{bytes.data(), bytes.size()}, error));
    const bool malformed = error && error != beast_http::error::need_more;
    if (malformed || (!to_head && parser->announces_too_much())) co_return broken("a malformed answer", true);
    if (parser->is_done() && parser->is_interim()) {
      response = {};
      parser.emplace(response, to_head, max_body);
      continue;
    }
    if (parser->is_done()) break;
    if (!error && !buffer_.empty()) continue;
    const auto longest = parser->is_header_done() ? ReadBuffer::kLargest : ResponseParser::kMaxHeader;
    if (buffer_.bytes().size() >= longest) co_return broken("a malformed answer", true);
    const auto trouble = co_await read();
    if (trouble == asio::error::eof && parser->got_some() && !parser->is_done()) {
      parser->put_eof(error);
      if (!error && parser->is_done()) break;
    }
    if (trouble) co_return broken("the connection ended before the answer did", true);
  }
  reusable_ = parser->keep_alive() && buffer_.empty();
  co_return response;
}

/// One write for the whole request; nearly always the kernel takes it all, and nobody has to wait.
std::optional<asio::const_buffer> ClientConnection::write_at_once(const ClientRequest& request) {
  out_.clear();
  write_head(out_, request);
  asio::const_buffer rest = asio::buffer(out_);
  if (tls_) return rest;
  error_code error;
  rest += socket_.write_some(rest, error);
  written_ = rest.size() < out_.size();
  if (error && error != asio::error::would_block) return std::nullopt;
  return rest;
}

asio::awaitable<std::optional<asio::const_buffer>> ClientConnection::write_rest(asio::const_buffer rest) {
  error_code error;
  written_ = true;
  if (tls_) {
    co_await asio::async_write(*tls_, rest, asio::redirect_error(asio::use_awaitable, error));
  } else {
    co_await asio::async_write(socket_, rest, asio::redirect_error(asio::use_awaitable, error));
  }
  if (error) co_return std::nullopt;
  co_return asio::const_buffer{};
}

/// Not by waiting first: that costs a system call of its own, and Asio knows when there is nothing to read.
asio::awaitable<error_code> ClientConnection::read() {
  error_code error;
  if (cancelled_) co_return asio::error::operation_aborted;
  const auto room = buffer_.prepare(0);
  if (tls_) {
    buffer_.commit(co_await tls_->async_read_some(room, asio::redirect_error(asio::use_awaitable, error)));
  } else {
    buffer_.commit(co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error)));
  }
  if (cancelled_) co_return asio::error::operation_aborted;
  co_return error;
}

bool ClientConnection::is_quiet() {
  char byte = 0;
  return ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

void ClientConnection::cancel() {
  cancelled_ = true;
  error_code ignored;  // closing fails only for what is closed
  socket_.close(ignored);
}

}  // namespace bongsu::http
