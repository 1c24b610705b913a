#include "curl_socket.hpp"

#include <bongsu/core/assert.hpp>

#include <algorithm>
#include <mutex>

#include <boost/asio/as_tuple.hpp>
#include <fmt/format.h>

namespace bongsu::smtp {
namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

void initialize_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { require(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl starts"); });
}

long use_ssl_of(const Settings& settings) {
  if (settings.tls == Tls::kOff) return CURLUSESSL_NONE;
  // A password must not go out in clear because somebody on the way took STARTTLS out of the offer.
  return settings.tls == Tls::kRequired || !settings.username.empty() ? CURLUSESSL_ALL : CURLUSESSL_TRY;
}

std::string url_of(const Settings& settings) {
  return settings.hello.empty() ? settings.url : fmt::format("{}/{}", settings.url, settings.hello);
}

}  // namespace

/// A socket that libcurl wants to hear of. Asio borrows it and never closes it.
struct CurlSocket::Watch {
  explicit Watch(const asio::any_io_executor& executor) : descriptor(executor) {}
  ~Watch() {
    if (descriptor.is_open()) descriptor.release();
  }

  asio::posix::stream_descriptor descriptor;
  curl_socket_t socket = CURL_SOCKET_BAD;
  int wanted = CURL_POLL_NONE;
  bool reading = false;
  bool writing = false;
};

std::shared_ptr<CURLSH> make_curl_share() {
  initialize_curl_once();
  std::shared_ptr<CURLSH> share{curl_share_init(), [](CURLSH* held) { curl_share_cleanup(held); }};
  require(share != nullptr, "libcurl gives a share handle");
  curl_share_setopt(share.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  return share;
}

CurlSocket::CurlSocket(const asio::any_io_executor& executor, const Settings& settings,
                       std::shared_ptr<CURLSH> share)
    : executor_(executor),
      share_(std::move(share)),
      multi_(curl_multi_init()),
      easy_(curl_easy_init()),
      curl_timer_(executor),
      descriptor_(executor),
      changed_(executor),
      self_(std::make_shared<CurlSocket*>(this)) {
  require(multi_ != nullptr && easy_ != nullptr, "libcurl gives handles");
  configure(settings);
}

CurlSocket::~CurlSocket() {
  *self_ = nullptr;
  close();
}

void CurlSocket::configure(const Settings& settings) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlSocket::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlSocket::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);

  curl_easy_setopt(easy_, CURLOPT_URL, url_of(settings).c_str());
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  curl_easy_setopt(easy_, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);  // never wait for a resolver's thread
  curl_easy_setopt(easy_, CURLOPT_SHARE, share_.get());
  curl_easy_setopt(easy_, CURLOPT_USE_SSL, use_ssl_of(settings));
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &CurlSocket::on_reply_line);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  if (!settings.ca_file.empty()) curl_easy_setopt(easy_, CURLOPT_CAINFO, settings.ca_file.c_str());
  if (settings.username.empty()) return;
  curl_easy_setopt(easy_, CURLOPT_USERNAME, settings.username.c_str());
  curl_easy_setopt(easy_, CURLOPT_PASSWORD, settings.password.c_str());
}

asio::awaitable<Result<void>> CurlSocket::open(std::chrono::steady_clock::time_point deadline) {
  require(curl_multi_add_handle(multi_, easy_) == CURLM_OK, "libcurl takes the handle");
  while (!done_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) co_return fail(ErrorCode::kTimeout, "smtp: no connection in time");
    co_await changed_.wait_for(left);
  }
  if (outcome_ != CURLE_OK) co_return std::unexpected(failure());
  co_return adopt();
}

Result<void> CurlSocket::adopt() {
  watches_.clear();
  curl_timer_.cancel();
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket);
  if (socket == CURL_SOCKET_BAD)
    return fail(ErrorCode::kUnavailable, "smtp: the connection was closed at once");
  descriptor_.assign(socket);
  return {};
}

Error CurlSocket::failure() const {
  long code = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &code);
  Error error{.code = ErrorCode::kUnavailable,
              .message = fmt::format("smtp: no connection: {}", curl_easy_strerror(outcome_)),
              .detail = code >= 400 ? std::to_string(code) : std::string{},
              .sent = Sent::kNo,
              .retry_after = {}};
  if (outcome_ == CURLE_OPERATION_TIMEDOUT) error.code = ErrorCode::kTimeout;
  if (outcome_ == CURLE_LOGIN_DENIED && code >= 500) error.code = ErrorCode::kUnauthorized;
  return error;
}

Result<std::size_t> CurlSocket::send(std::string_view bytes) {
  std::size_t sent = 0;
  const auto outcome = curl_easy_send(easy_, bytes.data(), bytes.size(), &sent);
  if (outcome == CURLE_AGAIN) return 0;
  if (outcome != CURLE_OK) return fail(ErrorCode::kUnavailable, "smtp: the connection broke");
  return sent;
}

Result<std::size_t> CurlSocket::receive(std::span<char> into) {
  std::size_t received = 0;
  const auto outcome = curl_easy_recv(easy_, into.data(), into.size(), &received);
  if (outcome == CURLE_AGAIN) return 0;
  if (outcome != CURLE_OK) return fail(ErrorCode::kUnavailable, "smtp: the connection broke");
  if (received == 0) return fail(ErrorCode::kUnavailable, "smtp: the server closed the connection");
  return received;
}

asio::awaitable<bool> CurlSocket::wait_readable() {
  const auto [error] = co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_read, kAsTuple);
  co_return !error;
}

asio::awaitable<bool> CurlSocket::wait_writable() {
  const auto [error] = co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_write, kAsTuple);
  co_return !error;
}

void CurlSocket::cancel() {
  if (descriptor_.is_open()) descriptor_.cancel();
}

void CurlSocket::close() {
  // Asio lets go first: once libcurl has closed a socket its number may belong to another.
  if (descriptor_.is_open()) descriptor_.release();
  watches_.clear();
  curl_multi_remove_handle(multi_, easy_);
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
}

int CurlSocket::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  static_cast<CurlSocket*>(self)->watch(socket, what);
  return 0;
}

void CurlSocket::watch(curl_socket_t socket, int what) {
  const auto found = watches_.find(socket);
  if (what == CURL_POLL_REMOVE) {
    if (found == watches_.end()) return;
    found->second->descriptor.release();
    found->second->wanted = CURL_POLL_NONE;
    watches_.erase(found);
    return;
  }
  auto watch = found == watches_.end() ? std::make_shared<Watch>(executor_) : found->second;
  if (found == watches_.end()) {
    watch->socket = socket;
    watch->descriptor.assign(socket);
    watches_.emplace(socket, watch);
  }
  watch->wanted = what;
  arm(watch);
}

void CurlSocket::arm(const std::shared_ptr<Watch>& watch) {
  const auto wait = [&](asio::posix::descriptor_base::wait_type type, bool Watch::* waiting, int wish,
                        int event) {
    if ((watch->wanted & wish) == 0 || (*watch).*waiting) return;
    (*watch).*waiting = true;
    watch->descriptor.async_wait(
        type, [self = self_, watch, waiting, wish, event](boost::system::error_code error) {
          (*watch).*waiting = false;
          if (error || *self == nullptr || (watch->wanted & wish) == 0) return;
          (*self)->act(watch->socket, event);
          if (*self != nullptr && watch->wanted != CURL_POLL_NONE) (*self)->arm(watch);
        });
  };
  wait(asio::posix::descriptor_base::wait_read, &Watch::reading, CURL_POLL_IN, CURL_CSELECT_IN);
  wait(asio::posix::descriptor_base::wait_write, &Watch::writing, CURL_POLL_OUT, CURL_CSELECT_OUT);
}

int CurlSocket::on_timer(CURLM*, long milliseconds, void* self) {
  auto& socket = *static_cast<CurlSocket*>(self);
  if (milliseconds < 0) {
    socket.curl_timer_.cancel();
    return 0;
  }
  socket.curl_timer_.expires_after(std::chrono::milliseconds{milliseconds});
  socket.curl_timer_.async_wait([alive = socket.self_](boost::system::error_code error) {
    if (!error && *alive != nullptr) (*alive)->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlSocket::act(curl_socket_t socket, int events) {
  if (done_) return;
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    outcome_ = message->data.result;
    done_ = true;
  }
  if (done_) changed_.notify_all();
}

std::size_t CurlSocket::on_reply_line(char* data, std::size_t, std::size_t size, void* self) {
  static_cast<CurlSocket*>(self)->read_extension({data, size});
  return size;
}

void CurlSocket::read_extension(std::string_view line) {
  if (line.size() < 4) return;
  const bool hello = line.starts_with("250");
  // STARTTLS makes the first offer void; the last EHLO's reply counts.
  if (!in_reply_ && hello) extensions_.clear();
  in_reply_ = line[3] == '-';
  if (!hello) return;
  const auto word = line.substr(4, line.find_first_of(" \r\n", 4) - 4);
  std::string name{word};
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  extensions_.insert(std::move(name));
}

}  // namespace bongsu::smtp
