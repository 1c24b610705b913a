#pragma once
#include "bytes.hpp"

#include <bongsu/core/asio.hpp>
#include <bongsu/core/signal.hpp>
#include <bongsu/rpc/client.hpp>

#include <condition_variable>
#include <mutex>
#include <set>

#include <boost/asio/executor_work_guard.hpp>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

namespace bongsu::rpc::detail {

/// The calls that gRPC still holds. Its threads take them out, in two steps, for once a call is handed over
/// to the io_context's thread it may be gone; who goes away waits until none is left.
class Outstanding {
 public:
  void add(grpc::ClientContext* call);
  /// Before it is handed over: nobody cancels it any more.
  void ended(grpc::ClientContext* call);
  /// After it was: nothing of it runs on gRPC's threads any more.
  void handed_over();
  void cancel_all_and_wait();

 private:
  std::recursive_mutex mutex_;  // cancelling may end the call, and come back, on the same thread
  std::condition_variable_any changed_;
  std::set<grpc::ClientContext*> calls_;
  std::size_t open_ = 0;
};

class ClientImpl {
 public:
  ClientImpl(asio::any_io_executor executor, const std::string& address);

  static asio::awaitable<Answer<std::string>> call(std::shared_ptr<ClientImpl> self, std::string method,
                                                   std::string request, CallOptions options);
  std::shared_ptr<ClientStream> stream(std::string method, const std::string& request,
                                       const CallOptions& options);
  void close() { outstanding_->cancel_all_and_wait(); }

 private:
  asio::any_io_executor executor_;
  std::shared_ptr<Outstanding> outstanding_ = std::make_shared<Outstanding>();
  grpc::GenericStub stub_;
};

void prepare(grpc::ClientContext& context, const CallOptions& options);

/// One server stream. gRPC's threads touch only what the mutex guards, and post the rest.
class ClientStream final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  ClientStream(asio::any_io_executor executor, std::shared_ptr<Outstanding> outstanding, std::string method);

  static void start(const std::shared_ptr<ClientStream>& self, grpc::GenericStub& stub,
                    const std::string& request, const CallOptions& options);
  static asio::awaitable<Answer<std::optional<std::string>>> next(std::shared_ptr<ClientStream> self);
  void cancel() { context_.TryCancel(); }
  /// Nobody will ask for more.
  void abandon();

 private:
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;
  void begin_read();

  asio::any_io_executor executor_;
  std::shared_ptr<Outstanding> outstanding_;
  std::string method_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  Signal changed_;
  std::optional<asio::executor_work_guard<asio::any_io_executor>> work_;

  // of the io_context's thread
  bool arrived_ = false;
  std::optional<grpc::Status> ended_;

  // gRPC gives no end while it is held; the hold is given up when nobody will read again
  std::mutex mutex_;
  bool reading_ = false;
  bool abandoned_ = false;
  bool held_ = true;
  std::shared_ptr<ClientStream> self_;  // until OnDone
};

}  // namespace bongsu::rpc::detail
