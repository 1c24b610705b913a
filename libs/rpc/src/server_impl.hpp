#pragma once
#include "server_calls.hpp"

#include <thread>

#include <grpcpp/impl/service_type.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

namespace bongsu::rpc::detail {

/// A service without generated code: its methods take and give bytes. Reflection sees it like any other.
class ByteService final : public grpc::Service {
 public:
  ByteService(ServerImpl& server, const rpc::Service& service);

 private:
  void add(ServerImpl& server, const rpc::Service::Entry& entry, int place);
};

class ServerImpl : public std::enable_shared_from_this<ServerImpl> {
 public:
  ServerImpl(asio::any_io_executor executor, std::vector<const rpc::Service*> services,
             Authenticate authenticate);
  ~ServerImpl();
  ServerImpl(const ServerImpl&) = delete;
  ServerImpl& operator=(const ServerImpl&) = delete;

  Result<void> listen(const ServerSettings& settings);
  int port() const { return port_; }
  void set_serving(bool serving);
  static asio::awaitable<bool> drain(std::shared_ptr<ServerImpl> self, std::chrono::milliseconds limit);
  void cut();

  // On gRPC's threads.
  grpc::ServerUnaryReactor* begin_unary(const rpc::Service::Entry& entry,
                                        const grpc::CallbackServerContext& context,
                                        const grpc::ByteBuffer& request, grpc::ByteBuffer* response);
  grpc::ServerWriteReactor<grpc::ByteBuffer>* begin_stream(const rpc::Service::Entry& entry,
                                                           const grpc::CallbackServerContext& context,
                                                           const grpc::ByteBuffer& request);

 private:
  Answer<Call> admit(const rpc::Service::Entry& entry, const Arrival& arrival);
  template <class Reactor>
  Reactor* begin(std::shared_ptr<Reactor> call, const rpc::Service::Entry& entry, Arrival arrival);
  template <class Reactor>
  void run(const rpc::Service::Entry& entry, const Arrival& arrival, std::shared_ptr<Reactor> call);
  void begin_shutdown(std::chrono::milliseconds limit);

  asio::any_io_executor executor_;
  std::vector<const rpc::Service*> services_;
  Authenticate authenticate_;
  std::shared_ptr<ServerCalls> calls_ = std::make_shared<ServerCalls>();
  std::vector<std::unique_ptr<ByteService>> registered_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  bool draining_ = false;
  bool drained_ = false;
  Signal changed_;
  std::thread shutdown_;  // gRPC's Shutdown() blocks
};

}  // namespace bongsu::rpc::detail
