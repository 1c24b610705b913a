#include "client_call.hpp"
#include "status.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>

namespace bongsu::rpc {
namespace detail {
namespace {

grpc::ChannelArguments arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // By its name a pause; what it bounds is how long one attempt to connect may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // A server that is gone without a word is noticed within 30 s, also by a stream where nothing happens.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  return arguments;
}

/// What one unary call needs until gRPC has called back.
struct UnaryCall {
  using Done = std::move_only_function<void(Answer<std::string>)>;

  UnaryCall(const asio::any_io_executor& on, std::string name, const std::string& bytes, Done done)
      : executor(on),
        method(std::move(name)),
        request(to_buffer(bytes)),
        on_done(std::move(done)),
        work(on) {}

  void finish(const grpc::Status& status) {
    std::string bytes;
    if (!status.ok()) return on_done(std::unexpected(from_status(status)));
    if (!read_buffer(response, bytes)) return on_done(std::unexpected(bad_response()));
    on_done(std::move(bytes));
  }

  /// gRPC's thread gives it to ours: a context keeps the channel alive, and a channel must not end on a
  /// thread that it would have to join.
  static void hand_over(UnaryCall* call, Outstanding& outstanding, const grpc::Status& status) {
    const auto on = call->executor;
    outstanding.ended(&call->context);
    asio::post(on, [self = std::move(call->self), status] { self->finish(status); });
    outstanding.handed_over();
  }

  std::shared_ptr<UnaryCall> self;  // until gRPC has called back
  asio::any_io_executor executor;
  std::string method;
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  Done on_done;
  asio::executor_work_guard<asio::any_io_executor> work;
};

}  // namespace

Failure bad_response() { return Error{.code = ErrorCode::kInternal, .message = "the answer cannot be read"}; }

void prepare(grpc::ClientContext& context, const CallOptions& options) {
  if (options.timeout.count() > 0) context.set_deadline(std::chrono::system_clock::now() + options.timeout);
  if (!options.token.empty()) context.AddMetadata("authorization", "Bearer " + options.token);
}

void Outstanding::add(grpc::ClientContext* call) {
  const std::lock_guard lock{mutex_};
  calls_.insert(call);
  ++open_;
}

void Outstanding::ended(grpc::ClientContext* call) {
  const std::lock_guard lock{mutex_};
  calls_.erase(call);
}

void Outstanding::handed_over() {
  const std::lock_guard lock{mutex_};
  --open_;
  changed_.notify_all();
}

void Outstanding::cancel_all_and_wait() {
  std::unique_lock lock{mutex_};
  // A call that ends waits for the mutex before it is handed over: what is in the set is alive.
  for (auto* call : std::vector(calls_.begin(), calls_.end())) {
    if (calls_.contains(call)) call->TryCancel();
  }
  changed_.wait(lock, [this] { return open_ == 0; });
}

ClientImpl::ClientImpl(asio::any_io_executor executor, const std::string& address)
    : executor_(std::move(executor)),
      stub_(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments())) {}

asio::awaitable<Answer<std::string>> ClientImpl::call(std::shared_ptr<ClientImpl> self, std::string method,
                                                      std::string request, CallOptions options) {
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Answer<std::string>)>(
      [&](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto made =
            std::make_shared<UnaryCall>(self->executor_, std::move(method), request,
                                        [handler = std::move(handler)](Answer<std::string> answer) mutable {
                                          std::move(handler)(std::move(answer));
                                        });
        prepare(made->context, options);
        if (slot.is_connected()) {
          slot.assign([weak = std::weak_ptr{made}](asio::cancellation_type) {
            if (const auto call = weak.lock()) call->context.TryCancel();
          });
        }
        made->self = made;
        self->outstanding_->add(&made->context);
        self->stub_.UnaryCall(
            &made->context, made->method, {}, &made->request, &made->response,
            [raw = made.get(), outstanding = self->outstanding_](const grpc::Status& status) {
              UnaryCall::hand_over(raw, *outstanding, status);
            });
      },
      asio::use_awaitable);
}

std::shared_ptr<ClientStream> ClientImpl::stream(std::string method, const std::string& request,
                                                 const CallOptions& options) {
  auto made = std::make_shared<ClientStream>(executor_, outstanding_, std::move(method));
  ClientStream::start(made, stub_, request, options);
  // The owner's end of it: gRPC keeps its own until the call is over.
  auto* raw = made.get();
  return {raw, [made = std::move(made)](ClientStream* stream) { stream->abandon(); }};
}

asio::awaitable<Answer<std::optional<std::string>>> next_of(std::shared_ptr<ClientStream> stream) {
  return ClientStream::next(std::move(stream));
}

void cancel(ClientStream& stream) { stream.cancel(); }

}  // namespace detail

Channel::Channel(const asio::any_io_executor& executor, const std::string& address)
    : impl_(std::make_shared<detail::ClientImpl>(executor, address)) {}

Channel::~Channel() { impl_->close(); }

asio::awaitable<Answer<std::string>> Channel::call_bytes(std::string method, std::string request,
                                                         CallOptions options) {
  return detail::ClientImpl::call(impl_, std::move(method), std::move(request), std::move(options));
}

std::shared_ptr<detail::ClientStream> Channel::open_stream(std::string method, std::string request,
                                                           CallOptions options) {
  return impl_->stream(std::move(method), request, options);
}

}  // namespace bongsu::rpc
