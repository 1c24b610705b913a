#include "server_impl.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/core/metrics.hpp>

#include <deque>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>

namespace bongsu::rpc {
namespace detail {
namespace {

constexpr std::string_view kBearer = "Bearer ";

void count(const std::string& method, grpc::StatusCode code) {
  metrics::counter("rpc_server_calls_total", "Calls that were answered, by method and status",
                   {{"method", method}, {"code", std::string{name_of(code)}}})
      .Increment();
}

Failure stopping() {
  return Failure{ErrorCode::kUnavailable, "stopping", "the service is stopping; try again in a moment"};
}

/// What goes out for it; what nobody outside shall read goes to the log.
grpc::Status status_of(const std::string& method, const Failure& failure) {
  if (failure.code == ErrorCode::kInternal) {
    log::error("rpc.failed", {{"method", method}, {"why", failure.message}, {"detail", failure.detail}});
  }
  return to_status(failure);
}

asio::awaitable<void> serve(const rpc::Service::Entry& entry, Call call, std::string bytes,
                            std::shared_ptr<ServerUnary> reactor) {
  const auto answer = co_await entry.unary(std::move(call), std::move(bytes));
  const auto status = answer ? grpc::Status::OK : status_of(entry.method, answer.error());
  count(entry.method, status.error_code());
  reactor->finish(status, answer ? *answer : std::string{});
}

asio::awaitable<void> serve(const rpc::Service::Entry& entry, Call call, std::string bytes,
                            std::shared_ptr<ServerStream> reactor) {
  const auto ended = co_await entry.streaming(std::move(call), std::move(bytes), ByteWriter{reactor});
  auto status = ended ? grpc::Status::OK : status_of(entry.method, ended.error());
  if (ended && reactor->closed()) status = to_status(stopping());
  count(entry.method, status.error_code());
  reactor->finish(status);
}

}  // namespace

ByteService::ByteService(ServerImpl& server, const rpc::Service& service) {
  int place = 0;
  for (const auto& entry : service.entries()) add(server, entry, place++);
}

// As protoc's WithRawCallbackMethod classes register themselves.
void ByteService::add(ServerImpl& server, const rpc::Service::Entry& entry, int place) {
  using grpc::ByteBuffer;
  using Method = grpc::internal::RpcServiceMethod;
  const bool streams = static_cast<bool>(entry.streaming);
  AddMethod(
      new Method{entry.method.c_str(), streams ? Method::SERVER_STREAMING : Method::NORMAL_RPC, nullptr});
  if (streams) {
    MarkMethodRawCallback(
        place, new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                   [&server, &entry](grpc::CallbackServerContext* context, const ByteBuffer* request) {
                     return server.begin_stream(entry, *context, *request);
                   }));
  } else {
    MarkMethodRawCallback(place, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                                     [&server, &entry](grpc::CallbackServerContext* context,
                                                       const ByteBuffer* request, ByteBuffer* response) {
                                       return server.begin_unary(entry, *context, *request, response);
                                     }));
  }
}

ServerImpl::ServerImpl(asio::any_io_executor executor, std::vector<const rpc::Service*> services,
                       Authenticate authenticate)
    : executor_(executor),
      services_(std::move(services)),
      authenticate_(std::move(authenticate)),
      changed_(executor) {}

ServerImpl::~ServerImpl() { cut(); }

Result<void> ServerImpl::listen(const ServerSettings& settings) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  // Two processes on one port would share its connections without a word.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Callers may ask every 10 s whether we are still there.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.SetMaxReceiveMessageSize(static_cast<int>(settings.max_request_bytes));
  builder.AddListeningPort(settings.address, grpc::InsecureServerCredentials(), &port_);
  for (const auto* service : services_) {
    registered_.push_back(std::make_unique<ByteService>(*this, *service));
    builder.RegisterService(registered_.back().get());
  }
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0) {
    return fail(ErrorCode::kUnavailable, "grpc: cannot listen on " + settings.address);
  }
  set_serving(true);
  return {};
}

void ServerImpl::set_serving(bool serving) {
  auto* health = server_->GetHealthCheckService();
  health->SetServingStatus(serving);
  for (const auto* service : services_) health->SetServingStatus(service->name(), serving);
}

Answer<Call> ServerImpl::admit(const rpc::Service::Entry& entry, const Arrival& arrival) {
  if (draining_) return std::unexpected(stopping());
  if (arrival.deadline <= std::chrono::steady_clock::now()) {
    return refuse(ErrorCode::kTimeout, "deadline_exceeded", "the deadline passed before the call was begun");
  }
  const std::string_view header = arrival.authorization;
  if (!header.starts_with(kBearer)) {
    return refuse(ErrorCode::kUnauthorized, "unauthenticated",
                  "the call needs `authorization: Bearer TOKEN` metadata");
  }
  auto caller = authenticate_(header.substr(kBearer.size()));
  if (!caller && caller.error().code == ErrorCode::kUnavailable) return std::unexpected(caller.error());
  if (!caller) {
    return refuse(ErrorCode::kUnauthorized, "unauthenticated",
                  "the token is not accepted: " + caller.error().message);
  }
  if (!caller->roles.contains(entry.role)) {
    return refuse(ErrorCode::kUnauthorized, std::string{kPermissionDenied},
                  "the call needs the role " + entry.role + ", which the token does not carry");
  }
  return Call{.caller = std::move(*caller), .deadline = arrival.deadline};
}

/// Runs on a thread of gRPC's.
template <class Reactor>
Reactor* ServerImpl::begin(std::shared_ptr<Reactor> call, const rpc::Service::Entry& entry, Arrival arrival) {
  call->self = call;
  if (!calls_->add(call)) {
    call->finish(to_status(stopping()));
    return call.get();
  }
  asio::post(executor_, [weak = weak_from_this(), &entry, call, arrival = std::move(arrival)] {
    if (const auto server = weak.lock()) server->run(entry, arrival, call);
  });
  return call.get();
}

grpc::ServerUnaryReactor* ServerImpl::begin_unary(const rpc::Service::Entry& entry,
                                                  const grpc::CallbackServerContext& context,
                                                  const grpc::ByteBuffer& request,
                                                  grpc::ByteBuffer* response) {
  return begin(std::make_shared<ServerUnary>(calls_, response), entry, arrival_of(context, request));
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* ServerImpl::begin_stream(
    const rpc::Service::Entry& entry, const grpc::CallbackServerContext& context,
    const grpc::ByteBuffer& request) {
  return begin(std::make_shared<ServerStream>(executor_, calls_), entry, arrival_of(context, request));
}

/// Runs on the io_context's thread.
template <class Reactor>
void ServerImpl::run(const rpc::Service::Entry& entry, const Arrival& arrival,
                     std::shared_ptr<Reactor> call) {
  auto admitted = admit(entry, arrival);
  if (!admitted) {
    const auto status = to_status(admitted.error());
    count(entry.method, status.error_code());
    call->finish(status);
    return;
  }
  spawn(executor_, "rpc", serve(entry, std::move(*admitted), arrival.bytes, std::move(call)));
}

void ServerImpl::begin_shutdown(std::chrono::milliseconds limit) {
  shutdown_ = std::thread{[this, limit] {
    server_->Shutdown(std::chrono::system_clock::now() + limit);
    server_->Wait();
    asio::post(executor_, [weak = weak_from_this()] {
      if (const auto server = weak.lock()) {
        server->drained_ = true;
        server->changed_.notify_all();
      }
    });
  }};
}

asio::awaitable<bool> ServerImpl::drain(std::shared_ptr<ServerImpl> self, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  self->draining_ = true;
  self->set_serving(false);
  self->begin_shutdown(limit);
  for (const auto& call : self->calls_->all()) call->close();
  while (!self->drained_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) break;
    co_await self->changed_.wait_for(left);
  }
  const bool in_time = self->drained_;
  self->cut();
  co_return in_time;
}

/// gRPC lets a call go only when it has been finished, and waits for each: so each is.
void ServerImpl::cut() {
  if (!server_) return;
  calls_->shut();
  for (const auto& call : calls_->all()) {
    call->close();
    call->finish(to_status(stopping()));
  }
  server_->Shutdown(std::chrono::system_clock::now());
  if (shutdown_.joinable()) shutdown_.join();
  server_->Wait();
  server_.reset();
}

}  // namespace detail

Server::Server(std::shared_ptr<detail::ServerImpl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() {
  if (impl_) impl_->cut();
}

Result<Server> Server::listen(const asio::any_io_executor& executor, const ServerSettings& settings,
                              const std::vector<const Service*>& services, Authenticate authenticate) {
  auto impl = std::make_shared<detail::ServerImpl>(executor, services, std::move(authenticate));
  if (const auto listening = impl->listen(settings); !listening) return std::unexpected(listening.error());
  return Server{std::move(impl)};
}

int Server::port() const { return impl_->port(); }
void Server::set_serving(bool serving) { impl_->set_serving(serving); }
asio::awaitable<bool> Server::drain(std::chrono::milliseconds limit) {
  return detail::ServerImpl::drain(impl_, limit);
}

}  // namespace bongsu::rpc
