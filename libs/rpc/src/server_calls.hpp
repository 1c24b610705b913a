#pragma once
#include "bytes.hpp"
#include "status.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/rpc/server.hpp>

#include <condition_variable>
#include <mutex>
#include <unordered_set>

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

namespace bongsu::rpc::detail {

/// One call, of which gRPC's threads and ours each know a part. Finished exactly once.
class ServerCall {
 public:
  virtual ~ServerCall() = default;
  /// Ends the call unless it has ended. Any thread.
  bool finish(const grpc::Status& status, const std::string& response = {});
  /// The io_context's thread: nobody waits any more, or the server stops.
  virtual void close() {}

 protected:
  virtual void send(const grpc::Status& status, const std::string& response) = 0;

 private:
  std::mutex mutex_;
  bool finished_ = false;
};

/// All calls that gRPC holds. Any thread.
class ServerCalls {
 public:
  /// False when the server is going away: the call is not begun then.
  bool add(std::shared_ptr<ServerCall> call);
  void remove(const std::shared_ptr<ServerCall>& call);
  std::vector<std::shared_ptr<ServerCall>> all();
  /// Nothing is added from here on.
  void shut();

 private:
  std::mutex mutex_;
  bool shut_ = false;
  std::unordered_set<std::shared_ptr<ServerCall>> calls_;
};

/// What the request's metadata say, read on gRPC's thread.
struct Arrival {
  std::string bytes;
  std::string authorization;
  std::chrono::steady_clock::time_point deadline;
};
Arrival arrival_of(const grpc::CallbackServerContext& context, const grpc::ByteBuffer& request);

class ServerUnary final : public grpc::ServerUnaryReactor, public ServerCall {
 public:
  ServerUnary(std::shared_ptr<ServerCalls> calls, grpc::ByteBuffer* response)
      : calls_(std::move(calls)), response_(response) {}

  std::shared_ptr<ServerUnary> self;  // until OnDone

 private:
  void send(const grpc::Status& status, const std::string& response) override;
  void OnDone() override;

  std::shared_ptr<ServerCalls> calls_;
  grpc::ByteBuffer* response_;
};

class ServerStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public ServerCall {
 public:
  ServerStream(const asio::any_io_executor& executor, std::shared_ptr<ServerCalls> calls)
      : executor_(executor), calls_(std::move(calls)), changed_(executor) {}

  static asio::awaitable<bool> write(std::shared_ptr<ServerStream> stream, std::string bytes);
  bool closed() const { return closed_; }
  void on_closed(std::function<void()> tell);
  void close() override;

  std::shared_ptr<ServerStream> self;  // until OnDone

 private:
  void send(const grpc::Status& status, const std::string&) override { Finish(status); }
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  asio::any_io_executor executor_;
  std::shared_ptr<ServerCalls> calls_;
  Signal changed_;
  grpc::ByteBuffer buffer_;
  bool writing_ = false;
  bool closed_ = false;
  std::function<void()> tell_;
};

}  // namespace bongsu::rpc::detail
