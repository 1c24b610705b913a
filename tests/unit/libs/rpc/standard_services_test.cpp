// What every gRPC tool asks a server: which services there are, and whether they serve. Asked as a tool does,
// with gRPC's own client and bytes as they stand in its protos.
#include <bongsu/jobs/v1/jobs.pb.h>
#include <bongsu/rpc/server.hpp>

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

namespace bongsu::rpc {
namespace {

using namespace std::chrono_literals;

/// One request of a streaming or unary method, and its first answer.
std::string ask(int port, const std::string& method, const std::string& bytes) {
  auto stub = grpc::GenericStub{
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials())};
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + 10s);
  grpc::CompletionQueue queue;
  const auto await = [&] {
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok) && ok);
  };
  auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  await();
  const grpc::Slice slice{bytes};
  call->WriteLast(grpc::ByteBuffer{&slice, 1}, {}, nullptr);
  await();
  grpc::ByteBuffer answer;
  call->Read(&answer, nullptr);
  await();
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(answer.Dump(&slices).ok());
  std::string text;
  for (const auto& one : slices) text.append(reinterpret_cast<const char*>(one.begin()), one.size());
  grpc::Status status;
  call->Finish(&status, nullptr);
  await();
  return text;
}

/// A field of type string, as protobuf writes it.
std::string text_field(int number, const std::string& text) {
  return static_cast<char>(number << 3 | 2) + std::string(1, static_cast<char>(text.size())) + text;
}

class StandardServices : public testing::Test {
 protected:
  StandardServices() {
    service_.unary<jobs::v1::GetJobRequest, jobs::v1::Job>(
        "job.read",
        [](const Call&, const jobs::v1::GetJobRequest&) -> asio::awaitable<Answer<jobs::v1::Job>> {
          co_return jobs::v1::Job{};
        });
    auto listening = Server::listen(io_.get_executor(), {}, {&service_}, {});
    EXPECT_TRUE(listening);
    server_.emplace(std::move(*listening));
  }

  asio::io_context io_;
  Service service_{"bongsu.jobs.v1.JobService"};
  std::optional<Server> server_;
};

TEST_F(StandardServices, ReflectionListsTheServiceAndGivesItsProto) {
  const std::string method = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  EXPECT_NE(ask(server_->port(), method, text_field(7, "*")).find("bongsu.jobs.v1.JobService"),
            std::string::npos);
  const auto file = ask(server_->port(), method, text_field(4, "bongsu.jobs.v1.JobService"));
  EXPECT_NE(file.find("bongsu/jobs/v1/jobs.proto"), std::string::npos);
  EXPECT_NE(file.find("WatchJob"), std::string::npos);
}

TEST_F(StandardServices, HealthTellsOfTheServiceByName) {
  const std::string serving{"\x08\x01"};
  const std::string not_serving{"\x08\x02"};
  const auto check = [&](const std::string& name) {
    return ask(server_->port(), "/grpc.health.v1.Health/Check", text_field(1, name));
  };
  EXPECT_EQ(check("bongsu.jobs.v1.JobService"), serving);
  EXPECT_EQ(check(""), serving);
  server_->set_serving(false);
  EXPECT_EQ(check("bongsu.jobs.v1.JobService"), not_serving);
}

}  // namespace
}  // namespace bongsu::rpc
