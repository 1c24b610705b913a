#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/rpc/failure.hpp>
#include <bongsu/rpc/methods.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace bongsu::rpc {

struct CallOptions {
  /// The server knows it as well. 0: none, for streams that last.
  std::chrono::milliseconds timeout = std::chrono::seconds{5};
  /// A bearer token, without "Bearer "; empty: none.
  std::string token;
};

namespace detail {
class ClientImpl;
class ClientStream;
Failure bad_response();
}  // namespace detail

/// What a server sends of its own accord, until it ends.
/// Lifetime: not longer than its Channel. Going away cancels the call.
template <class Response>
class Stream {
 public:
  explicit Stream(std::shared_ptr<detail::ClientStream> stream) : stream_(std::move(stream)) {}
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept = default;

  /// The next message; nothing: the server has ended well. Ask for one at a time.
  asio::awaitable<Answer<std::optional<Response>>> next();
  /// next() ends with kCancelled.
  void cancel();

 private:
  std::shared_ptr<detail::ClientStream> stream_;
};

/// A connection to one service, made when it is needed and again by itself when it is lost.
///
///   rpc::Channel jobs{executor, "127.0.0.1:50051"};
///   auto job = co_await jobs.call<Job>(request, {.token = token});      // GetJobRequest → GetJob
///   if (!job) co_return std::unexpected<Error>(job.error());
///   auto watch = jobs.stream<Job>(watch_request, {.timeout = 0ms, .token = token});
///   while (auto next = co_await watch.next()) { if (!*next) break; show(**next); }
///
/// Which method is meant follows from the request's type (methods.hpp).
/// Errors: as the server says (Failure: code, reason, fields, retry_after); kTimeout (the deadline),
/// kUnavailable
///   (not reachable: at once, nothing waits for a connection to come back), both with sent = kMaybe;
///   kUnauthorized; kCancelled; kInternal for an answer that cannot be read.
/// Threads: the io_context's one thread; gRPC's own only hand over to it. Lifetime: outlives its streams;
/// what is
///   under way when it goes away is cancelled.
class Channel {
 public:
  /// `address` is host:port.
  Channel(const asio::any_io_executor& executor, const std::string& address);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  template <class Response, class Request>
  asio::awaitable<Answer<Response>> call(const Request& request, CallOptions options = {}) {
    return parsed<Response>(call_bytes(method_of(*Request::descriptor(), *Response::descriptor()),
                                       request.SerializeAsString(), std::move(options)));
  }

  template <class Response, class Request>
  Stream<Response> stream(const Request& request, CallOptions options = {}) {
    return Stream<Response>{open_stream(method_of(*Request::descriptor(), *Response::descriptor()),
                                        request.SerializeAsString(), std::move(options))};
  }

 private:
  asio::awaitable<Answer<std::string>> call_bytes(std::string method, std::string request,
                                                  CallOptions options);
  std::shared_ptr<detail::ClientStream> open_stream(std::string method, std::string request,
                                                    CallOptions options);

  template <class Response>
  static asio::awaitable<Answer<Response>> parsed(asio::awaitable<Answer<std::string>> answered) {
    auto bytes = co_await std::move(answered);
    if (!bytes) co_return std::unexpected(std::move(bytes.error()));
    Response response;
    if (!response.ParseFromString(*bytes)) co_return std::unexpected(detail::bad_response());
    co_return response;
  }

  std::shared_ptr<detail::ClientImpl> impl_;
};

namespace detail {
asio::awaitable<Answer<std::optional<std::string>>> next_of(std::shared_ptr<ClientStream> stream);
void cancel(ClientStream& stream);
}  // namespace detail

template <class Response>
asio::awaitable<Answer<std::optional<Response>>> Stream<Response>::next() {
  auto bytes = co_await detail::next_of(stream_);
  if (!bytes) co_return std::unexpected(std::move(bytes.error()));
  if (!*bytes) co_return std::optional<Response>{};
  Response response;
  if (!response.ParseFromString(**bytes)) co_return std::unexpected(detail::bad_response());
  co_return std::optional<Response>{std::move(response)};
}

template <class Response>
void Stream<Response>::cancel() {
  detail::cancel(*stream_);
}

}  // namespace bongsu::rpc
