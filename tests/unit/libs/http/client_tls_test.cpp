#include "client_world.hpp"

#include <cstdlib>
#include <filesystem>

#include <support/process/process.hpp>

namespace bongsu::http {
namespace {

/// A certificate for one name that signs itself.
class Certificate {
 public:
  explicit Certificate(const std::string& name) {
    const auto command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
        " -addext subjectAltName=DNS:" + name + " -keyout " + file("key") + " -out " + file("cert") +
        " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error{"openssl made no certificate"};
    context_.use_certificate_chain_file(file("cert"));
    context_.use_private_key_file(file("key"), asio::ssl::context::pem);
  }
  asio::ssl::context& context() { return context_; }
  std::string file(const std::string& what) const { return (folder_.path() / (what + ".pem")).string(); }

 private:
  support::TemporaryFolder folder_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
};

struct World {
  explicit World(const std::string& name) : certificate(name) {}
  Result<ClientResponse> send(ClientSettings settings, int times = 1) {
    settings.timeout = std::chrono::seconds{20};
    Client client{io.get_executor(), std::move(settings)};
    const auto url = Url::parse(server.url("localhost")).value() / "messages";
    ClientRequest request{Method::kPost, url};
    request.body("application/json", "{}");
    std::optional<Result<ClientResponse>> response;
    for (int i = 0; i < times; ++i) {
      response.reset();
      asio::co_spawn(io, client.send(request), [&](const std::exception_ptr&, Result<ClientResponse> given) {
        response = std::move(given);
      });
      io.restart();
      while (!response && io.run_one_for(std::chrono::seconds{20}) > 0) {
      }
    }
    return response.value();
  }
  asio::io_context io;
  Certificate certificate;
  testing::ScriptedServer server{io, [](int, int) { return testing::Act{}; }, &certificate.context()};
};

TEST(ClientTls, AServerThatIsWhoItSaysIsSpokenToAndItsConnectionKept) {
  World world{"localhost"};
  const auto response = world.send({.ca_file = world.certificate.file("cert")}, 3);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(world.server.connections(), 1);
}

TEST(ClientTls, AnotherNameInTheCertificateIsRefusedUnsent) {
  World world{"elsewhere.example"};
  const auto response = world.send({.ca_file = world.certificate.file("cert")});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(response.error().sent, Sent::kNo);
  EXPECT_TRUE(world.server.requests().empty());
}

TEST(ClientTls, ACertificateNobodyVouchesForIsRefusedUnsent) {
  World world{"localhost"};
  const auto response = world.send({});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(response.error().sent, Sent::kNo);
  EXPECT_TRUE(world.server.requests().empty());
}

}  // namespace
}  // namespace bongsu::http
