#pragma once
#include "support/kafka/kafka_world.hpp"
#include "support/postgres/postgres_world.hpp"
#include "support/process/process.hpp"
#include "support/run.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/postgres/pool.hpp>
#include <bongsu/rpc/client.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace bongsu::support {

/// A service with a gRPC side as it runs, with Kafka, all topics and a database of its own: its replicas,
/// and an operator who calls them. What the others around it say is for the world that derives from this.
///
///   struct JobsWorld : ServiceWorld { JobsWorld() : ServiceWorld("jobs", {"job.read"}) {} };
///   JobsWorld world;
///   world.start();
///   world.ask<v1::Job>(request);
class ServiceWorld {
 public:
  /// `roles` are those of the operator.
  ServiceWorld(std::string service, const std::set<std::string>& roles);
  ServiceWorld(const ServiceWorld&) = delete;
  ServiceWorld& operator=(const ServiceWorld&) = delete;

  /// A replica; returns when gRPC listens. Of those that run, calls go to the one that was started first.
  void start(const std::string& id = "", const std::vector<std::string>& arguments = {});
  /// SIGKILL.
  void kill(const std::string& id = "");
  /// SIGTERM; its exit code. Throws when it takes over 25 s.
  int stop(const std::string& id = "");
  /// The exit code of one that ends by itself.
  int ended(const std::string& id);
  /// PostgreSQL knows of no process of this service any more.
  void until_disconnected();
  std::string log_of(const std::string& id = "") const;

  std::string token(const std::set<std::string>& roles, const std::string& subject = "tester") const;
  const std::string& operator_token() const { return operator_; }

  template <class Response, class Request>
  rpc::Answer<Response> ask(const Request& request, const std::string& token) {
    return run(channel().call<Response>(request, {.timeout = std::chrono::seconds{30}, .token = token}));
  }
  template <class Response, class Request>
  rpc::Answer<Response> ask(const Request& request) {
    return ask<Response>(request, operator_);
  }
  template <class T>
  T run(asio::awaitable<T> task) {
    return support::run(io_, std::move(task), std::chrono::seconds{60});
  }
  rpc::Channel& channel() { return *replicas_.at(called_).channel; }

  void publish(std::vector<kafka::Record> records) { kafka.produce(std::move(records)); }
  /// The first column of what a statement gives, as text, as the administrator.
  std::vector<std::string> column(const std::string& sql);
  /// A notification's id, of now.
  Uuid next_id();

  const events::Topics& topics() const { return topics_; }
  /// Seals and opens as all services do.
  const security::SealedBox& box() const { return box_; }

  KafkaWorld kafka;
  PostgresWorld database;
  std::map<std::string, std::string> environment;  ///< added to every replica that starts

 protected:
  ~ServiceWorld();
  SystemRandom& random() const { return random_; }

 private:
  struct Replica {
    std::unique_ptr<Process> process;
    std::unique_ptr<rpc::Channel> channel;
  };

  std::map<std::string, std::string> settings_of(const std::string& address_file) const;
  void has_ended(const std::string& id);

  std::string service_;
  events::Topics topics_;
  TemporaryFolder folder_;
  asio::io_context io_;
  mutable SystemRandom random_;
  security::SealedBox box_;
  std::unique_ptr<postgres::Pool> administrator_;
  std::map<std::string, Replica> replicas_;
  std::vector<std::string> running_;  ///< in the order of their starts
  std::string called_;
  std::string operator_;
};

}  // namespace bongsu::support
