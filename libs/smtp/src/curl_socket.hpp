#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/core/signal.hpp>
#include <bongsu/smtp/client.hpp>

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <curl/curl.h>

namespace bongsu::smtp {

/// What connections have in common in libcurl: its DNS cache and its TLS sessions.
std::shared_ptr<CURLSH> make_curl_share();

/// A connection to an SMTP server, opened by libcurl: DNS, both address families, TLS or STARTTLS, EHLO
/// and AUTH, driven by Asio. Once open it is a byte stream, with or without TLS, ready for MAIL.
///
/// Each has a multi handle of its own: in a shared one libcurl would look at connections between
/// two mails, and close what it takes for dead.
/// Threads: the io_context's one thread. Lifetime: closed with the object; outlives who waits on it.
class CurlSocket {
 public:
  CurlSocket(const asio::any_io_executor& executor, const Settings& settings, std::shared_ptr<CURLSH> share);
  ~CurlSocket();
  CurlSocket(const CurlSocket&) = delete;
  CurlSocket& operator=(const CurlSocket&) = delete;

  /// Errors: kTimeout, kUnavailable, kUnauthorized.
  asio::awaitable<Result<void>> open(std::chrono::steady_clock::time_point deadline);

  /// Whether the server's last EHLO reply named it: "PIPELINING".
  bool offers(std::string_view extension) const { return extensions_.contains(extension); }

  /// Writes what goes without waiting; 0: wait_writable(). Errors: kUnavailable.
  Result<std::size_t> send(std::string_view bytes);
  /// Reads what is there; 0: wait_readable(). Errors: kUnavailable, also at the stream's end.
  Result<std::size_t> receive(std::span<char> into);
  /// False when it was cancelled.
  asio::awaitable<bool> wait_readable();
  asio::awaitable<bool> wait_writable();
  /// Ends what waits.
  void cancel();
  asio::posix::stream_descriptor& descriptor() { return descriptor_; }

 private:
  struct Watch;

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long milliseconds, void* self);
  static std::size_t on_reply_line(char* data, std::size_t, std::size_t size, void* self);

  void configure(const Settings& settings);
  void read_extension(std::string_view line);
  void watch(curl_socket_t socket, int what);
  void arm(const std::shared_ptr<Watch>& watch);
  void act(curl_socket_t socket, int events);
  Result<void> adopt();
  Error failure() const;
  void close();

  asio::any_io_executor executor_;
  std::shared_ptr<CURLSH> share_;
  CURLM* multi_;
  CURL* easy_;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  asio::steady_timer curl_timer_;
  asio::posix::stream_descriptor descriptor_;
  Signal changed_;
  bool done_ = false;
  CURLcode outcome_ = CURLE_OK;
  std::set<std::string, std::less<>> extensions_;
  bool in_reply_ = false;
  /// Points here while this lives: what Asio still has queued looks first.
  std::shared_ptr<CurlSocket*> self_;
};

}  // namespace bongsu::smtp
