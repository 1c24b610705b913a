#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/rpc/failure.hpp>
#include <bongsu/rpc/methods.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::rpc {

/// Who calls, and as what.
struct Caller {
  std::string subject;
  std::set<std::string, std::less<>> roles;
};

/// Tells who a bearer token (without "Bearer ") belongs to. Errors: kUnauthorized; kUnavailable: nobody is
/// served now.
using Authenticate = std::function<Result<Caller>(std::string_view token)>;

/// What surrounds a request.
struct Call {
  Caller caller;
  /// When nobody waits for the answer any more; the far future without one.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

namespace detail {
class ServerStream;
class ServerImpl;
struct Method;
}  // namespace detail

/// The bytes of a stream's messages on their way to the caller.
class ByteWriter {
 public:
  explicit ByteWriter(std::shared_ptr<detail::ServerStream> stream) : stream_(std::move(stream)) {}

  /// Returns when the message is on its way and the next one may follow; false when nobody wants it: the
  /// caller is gone, or the server is stopping. The handler then returns.
  asio::awaitable<bool> write(std::string bytes);
  bool closed() const;
  /// Called once, when closed() becomes true; at once when it is.
  void on_closed(std::function<void()> tell);

 private:
  std::shared_ptr<detail::ServerStream> stream_;
};

template <class Response>
class Writer : public ByteWriter {
 public:
  explicit Writer(ByteWriter bytes) : ByteWriter(std::move(bytes)) {}
  asio::awaitable<bool> write(const Response& response) {
    return ByteWriter::write(response.SerializeAsString());
  }
};

/// One service of a .proto file and what answers its calls.
///
///   rpc::Service service{"bongsu.jobs.v1.JobService"};
///   service.unary<GetJobRequest, Job>("job.read", [&](rpc::Call call, GetJobRequest request) {
///     return get_job(std::move(call), std::move(request));   // asio::awaitable<rpc::Answer<Job>>
///   });
///   service.stream<WatchJobRequest, Job>("job.read", [&](rpc::Call, WatchJobRequest, rpc::Writer<Job> to) {
///     return watch_job(…);                                   // asio::awaitable<rpc::Answer<void>>
///   });
///
/// Who calls is authenticated and has the role before a handler runs. A method without one is UNIMPLEMENTED.
/// Lifetime: outlives its server.
class Service {
 public:
  using Unary = std::function<asio::awaitable<Answer<std::string>>(Call, std::string)>;
  using Streaming = std::function<asio::awaitable<Answer<void>>(Call, std::string, ByteWriter)>;
  struct Entry {
    std::string method;  ///< "/bongsu.jobs.v1.JobService/GetJob"
    std::string role;
    Unary unary;  ///< or
    Streaming streaming;
  };

  explicit Service(std::string name) : name_(std::move(name)) {}

  template <class Request, class Response, class Handler>
  void unary(std::string role, Handler handler) {
    entries_.push_back({method_of(*Request::descriptor(), *Response::descriptor()),
                        std::move(role),
                        [handler = std::move(handler)](Call call, std::string bytes) {
                          return answered<Request, Response>(handler, std::move(call), std::move(bytes));
                        },
                        {}});
  }

  template <class Request, class Response, class Handler>
  void stream(std::string role, Handler handler) {
    entries_.push_back({method_of(*Request::descriptor(), *Response::descriptor()),
                        std::move(role),
                        {},
                        [handler = std::move(handler)](Call call, std::string bytes, ByteWriter writer) {
                          return streamed<Request, Response>(handler, std::move(call), std::move(bytes),
                                                             std::move(writer));
                        }});
  }

  const std::string& name() const { return name_; }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  static std::unexpected<Failure> unreadable() {
    return refuse(ErrorCode::kInvalidArgument, "undecodable", "the request is not what the method takes");
  }

  template <class Request, class Response, class Handler>
  static asio::awaitable<Answer<std::string>> answered(const Handler& handler, Call call, std::string bytes) {
    Request request;
    if (!request.ParseFromString(bytes)) co_return unreadable();
    const Answer<Response> response = co_await handler(std::move(call), std::move(request));
    if (!response) co_return std::unexpected(response.error());
    co_return response->SerializeAsString();
  }

  template <class Request, class Response, class Handler>
  static asio::awaitable<Answer<void>> streamed(const Handler& handler, Call call, std::string bytes,
                                                ByteWriter writer) {
    Request request;
    if (!request.ParseFromString(bytes)) co_return unreadable();
    Writer<Response> typed{std::move(writer)};
    co_return co_await handler(std::move(call), std::move(request), std::move(typed));
  }

  std::string name_;
  std::vector<Entry> entries_;
};

struct ServerSettings {
  std::string address = "127.0.0.1:0";
  std::size_t max_request_bytes = 1UL << 20U;
};

/// A gRPC server: gRPC's threads take calls and hand each over to the io_context, where all of ours runs.
/// Reflection and grpc.health.v1 (for "" and each service by name) are part of it and ask for no token.
///
/// What a handler gives as a Failure goes out with its details; a call whose deadline has passed before its
/// turn came is not begun. Handlers are never cancelled in the middle: they see closed(), or the deadline.
/// Threads: the io_context's one thread. Lifetime: going away ends every call with UNAVAILABLE; handlers that
/// still run then answer nobody, and must be let end before what they refer to goes.
class Server {
 public:
  /// Errors: kUnavailable: the address cannot be listened on.
  static Result<Server> listen(const asio::any_io_executor& executor, const ServerSettings& settings,
                               const std::vector<const Service*>& services, Authenticate authenticate);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();

  int port() const;
  /// What grpc.health.v1 tells.
  void set_serving(bool serving);
  /// Takes no more calls, ends streams with UNAVAILABLE, lets the others end; false when that took longer
  /// than `limit`, and they were cut.
  asio::awaitable<bool> drain(std::chrono::milliseconds limit);

 private:
  explicit Server(std::shared_ptr<detail::ServerImpl> impl);
  std::shared_ptr<detail::ServerImpl> impl_;
};

}  // namespace bongsu::rpc
