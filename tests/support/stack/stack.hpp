#pragma once
#include "support/kafka/kafka_world.hpp"
#include "support/postgres/postgres_world.hpp"
#include "support/process/eventually.hpp"
#include "support/process/held_port.hpp"
#include "support/process/process.hpp"
#include "support/simulator/simulator_world.hpp"
#include "support/smtp/smtp_world.hpp"
#include "support/web/web.hpp"

#include <bongsu/core/asio.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bongsu::support {

/// What a command said.
struct CommandOutput {
  int exit_code = 0;
  std::string output;
  std::string error;
};

/// The whole of Bongsu as it runs: real binaries, a database, topics and a mail catcher of their own.
/// Retry topics wait 500 ms and 1 s, and no rate limit holds. Throws when a part is missing or does not
/// become ready.
///
///   Stack stack;
///   const auto member = stack.sign_up("hong@example.com", "홍길동");
///   EXPECT_EQ(stack.mail.wait_for(1).front().header("To"), "hong@example.com");
class Stack {
 public:
  Stack();
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  /// Starts a service ("gateway", "jobs", "deadletters", "email", "coupon", "kakao", "sms") and waits until
  /// it is ready. `id` tells replicas apart.
  void start(const std::string& service, const std::string& id = "");
  /// Starts it and does not wait.
  void launch(const std::string& service, const std::string& id = "");
  void wait_ready(const std::string& service, const std::string& id = "");
  bool is_ready(const std::string& service, const std::string& id = "");
  /// SIGKILL.
  void kill(const std::string& service, const std::string& id = "");
  /// Any signal: SIGSTOP, SIGCONT.
  void signal(const std::string& service, int number, const std::string& id = "");
  pid_t pid(const std::string& service, const std::string& id = "");
  /// SIGTERM; returns the exit code. Throws when it takes over 25 s.
  int stop(const std::string& service, const std::string& id = "");

  std::string gateway() const;
  /// host:port of its gRPC side.
  std::string jobs() const;
  std::string deadletters() const;
  /// Runs bongsuctl, with a token that has every role; nobody answers its questions.
  CommandOutput ctl(const std::string& arguments);
  std::string management(const std::string& service, const std::string& id = "") const;
  std::string log_of(const std::string& service, const std::string& id = "") const;
  /// All logs there are, together.
  std::string logs() const;

  Answer sign_up(const std::string& email, const std::string& name, const std::string& more = "");
  Answer post(const std::string& path, std::string_view body);
  Answer get(const std::string& path);
  /// Up to 1,000 members, one JSON object a line.
  Answer import_members(const std::string& lines);
  /// Members m-100000, m-100001, …: 회원100000 with the number 010-1100-1000 and so on. Throws when one is
  /// refused.
  void import_crowd(int count, const std::string& birth_date = "2000-01-01");

  /// One number from one statement, as the administrator.
  std::int64_t count(const std::string& sql);
  /// Coupons of the welcome campaign that a member has.
  std::int64_t coupons_of(const std::string& user_id);
  /// Mails that were filed for this address.
  std::size_t mails_to(const std::string& email);

  /// The providers of kakao and sms; starts with the first that asks, at the latest with one of them.
  SimulatorWorld& simulator();

  /// A bearer token with every role.
  const std::string& token() const { return token_; }
  /// For files of the test's own; gone with the stack.
  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string topic(const std::string& name) const { return kafka.prefix() + name; }

  KafkaWorld kafka;
  PostgresWorld database{"gateway"};
  SmtpWorld mail;
  std::map<std::string, std::string> environment;  ///< added to every service that starts

 private:
  std::map<std::string, std::string> settings_of(const std::string& service, const std::string& key);

  TemporaryFolder folder_;
  std::unique_ptr<SimulatorWorld> simulator_;
  std::map<std::string, std::unique_ptr<Process>> running_;
  HeldPort gateway_port_;
  HeldPort jobs_port_;
  HeldPort deadletters_port_;
  std::string token_;
};

/// Stops and starts the test run's own Kafka or PostgreSQL: "kill", "stop", "start". Tests that do this run
/// alone.
void infra(const std::string& part, const std::string& action);

}  // namespace bongsu::support
