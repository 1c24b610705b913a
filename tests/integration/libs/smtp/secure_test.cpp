// The client against a server with TLS and passwords, its certificate made for the run.
#include <bongsu/smtp/client.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <gtest/gtest.h>
#include <support/process/process.hpp>
#include <support/run.hpp>

namespace bongsu::smtp {
namespace {

/// A server on 127.0.0.1 whose certificate names `name`.
class SecureServer {
 public:
  explicit SecureServer(const std::string& name, std::vector<std::string> options = {}) {
    const auto log = folder_.path() / "log";
    support::Process openssl{
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
         "2", "-subj", "/CN=test", "-addext", "subjectAltName=" + name, "-keyout", file("key"), "-out",
         file("cert")},
        log};
    support::await_file(file("cert"), openssl, log);
    const std::string program = BONGSU_SOURCE_DIR "/tests/support/smtp/secure_server.py";
    std::vector<std::string> command{
        "/usr/bin/python3", program,       "--cert",     file("cert"), "--key",
        file("key"),        "--port-file", file("port"), "--dir",      file("mails"),
    };
    command.insert(command.end(), options.begin(), options.end());
    process_ = std::make_unique<support::Process>(command, log);
    port_ = std::stoi(support::await_file(file("port"), *process_, log));
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string mail(int number) const {
    std::ifstream stream{file("mails/" + std::to_string(number))};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }

 private:
  support::TemporaryFolder folder_;
  std::unique_ptr<support::Process> process_;
  int port_ = 0;
};

Result<Receipt> send(Settings settings) {
  asio::io_context io;
  settings.timeout = std::chrono::seconds{25};
  Client client{io.get_executor(), std::move(settings)};
  Mail mail;
  mail.message_id = "1@example.com";
  mail.from = EmailAddress{"no-reply@example.com"};
  mail.to = EmailAddress{"hong@example.com"};
  mail.text = PrivateText{"Hello"};
  auto first = support::run(io, client.send(mail));
  return first ? support::run(io, client.send(mail)) : std::move(first);
}

TEST(Secure, StartTlsIsUsedWhereItIsOffered) {
  const SecureServer server{"IP:127.0.0.1"};
  const auto receipt = send({.url = "smtp://" + server.address(), .ca_file = server.file("cert")});
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->queue_id, "S2");
  EXPECT_TRUE(server.mail(2).starts_with("X-TLS: yes"));
}

TEST(Secure, ACertificateThatNobodyVouchesForIsRefused) {
  const SecureServer server{"IP:127.0.0.1"};
  const auto refused = send({.url = "smtp://" + server.address()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().sent, Sent::kNo);
}

TEST(Secure, ACertificateForAnotherNameIsRefused) {
  const SecureServer server{"DNS:another.example.com"};
  EXPECT_FALSE(send({.url = "smtp://" + server.address(), .ca_file = server.file("cert")}));
}

TEST(Secure, TlsFromTheFirstByteWorksWithAPassword) {
  const SecureServer server{"IP:127.0.0.1", {"--implicit", "--user", "bongsu", "--password", "s3cret"}};
  const auto receipt = send({.url = "smtps://" + server.address(),
                             .username = "bongsu",
                             .password = "s3cret",
                             .ca_file = server.file("cert")});
  EXPECT_TRUE(receipt) << receipt.error().message;
}

TEST(Secure, APasswordGoesOutAfterStartTls) {
  const SecureServer server{"IP:127.0.0.1", {"--user", "bongsu", "--password", "s3cret"}};
  const Settings settings{.url = "smtp://" + server.address(),
                          .username = "bongsu",
                          .password = "s3cret",
                          .ca_file = server.file("cert")};
  const auto receipt = send(settings);
  EXPECT_TRUE(receipt) << receipt.error().message;
}

TEST(Secure, AWrongPasswordIsUnauthorizedAndSoIsNone) {
  const SecureServer server{"IP:127.0.0.1", {"--user", "bongsu", "--password", "s3cret"}};
  Settings settings{.url = "smtp://" + server.address(),
                    .username = "bongsu",
                    .password = "wrong",
                    .ca_file = server.file("cert")};
  auto refused = send(settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(refused.error().detail, "535");
  settings.username.clear();
  refused = send(settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthorized);
  EXPECT_EQ(refused.error().detail, "530");
}

}  // namespace
}  // namespace bongsu::smtp
