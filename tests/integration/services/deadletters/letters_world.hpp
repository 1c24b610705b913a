#pragma once
#include "support/kafka/kafka_world.hpp"
#include "support/postgres/postgres_world.hpp"
#include "support/process/process.hpp"
#include "support/run.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/events/progress.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/events/v1/dead_letter.pb.h>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/postgres/pool.hpp>
#include <bongsu/rpc/client.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace bongsu::deadletters {

/// What a channel writes when a notification has died.
struct Dead {
  events::Channel channel = events::Channel::kKakao;
  Uuid notification;
  std::string reason = "timeout";
  std::string code;
  std::uint32_t generation = 0;
  std::string job;
  std::string recipient = "+821012345678";
  std::string text = "비밀 인사";
  Timestamp died_at;
};

/// The deadletters service as it runs, with Kafka and PostgreSQL of its own; the test plays the channels.
///
///   LettersWorld world;
///   world.start();
///   world.publish({world.record({.notification = world.next_id()})});
///   world.until_total(1);
class LettersWorld {
 public:
  LettersWorld();
  ~LettersWorld();
  LettersWorld(const LettersWorld&) = delete;
  LettersWorld& operator=(const LettersWorld&) = delete;

  /// Returns when gRPC listens; calls go to the one that was started last.
  void start(const std::string& id = "", const std::vector<std::string>& arguments = {});
  void kill(const std::string& id = "");
  int stop(const std::string& id = "");
  /// Its exit code, once it has ended by itself.
  int ended(const std::string& id);
  std::string log_of(const std::string& id = "") const;

  std::string token(const std::set<std::string>& roles, const std::string& subject = "tester") const;

  template <class Response, class Request>
  rpc::Answer<Response> ask(const Request& request, const std::string& token) {
    return run(channel_->call<Response>(request, {.timeout = std::chrono::seconds{30}, .token = token}));
  }
  template <class Response, class Request>
  rpc::Answer<Response> ask(const Request& request) {
    return ask<Response>(request, operator_);
  }
  template <class T>
  T run(asio::awaitable<T> task) {
    return support::run(io_, boxed(std::move(task)), std::chrono::seconds{60}).front();
  }
  rpc::Channel& channel() { return *channel_; }

  /// A notification's id, of the last minutes.
  Uuid next_id();
  kafka::Record record(const Dead& dead) const;
  /// A record that its channel could not decode, as it came from C.request.
  kafka::Record undecodable(events::Channel channel, std::string value, std::int64_t offset,
                            Headers headers = {}) const;
  kafka::Record decision(const Uuid& letter, events::v1::DeadLetterEvent::Kind kind, std::uint64_t revision,
                         const std::string& replay = {}) const;
  void publish(std::vector<kafka::Record> records) { kafka.produce(std::move(records)); }

  /// All that match, page by page.
  std::vector<v1::DeadLetter> list(const v1::Filter& filter = {}, int page_size = 300);
  std::int64_t total();
  /// Waits until the index has so many.
  void until_total(std::int64_t letters, std::chrono::seconds limit = std::chrono::seconds{60});
  v1::DeadLetter get(const Uuid& letter);
  /// As the administrator, as text.
  std::vector<std::string> column(const std::string& sql);
  /// Everything that a rebuild must give again, a line a row.
  std::vector<std::string> dump();

  support::KafkaWorld kafka;
  support::PostgresWorld database{"deadletters"};
  std::map<std::string, std::string> environment;  ///< added to every process that starts
  const events::Topics& topics() const { return topics_; }

 private:
  template <class T>
  static asio::awaitable<std::vector<T>> boxed(asio::awaitable<T> task) {
    std::vector<T> one;
    one.push_back(co_await std::move(task));
    co_return one;
  }

  events::Topics topics_;
  support::TemporaryFolder folder_;
  asio::io_context io_;
  mutable SystemRandom random_;
  security::SealedBox box_;
  std::unique_ptr<postgres::Pool> administrator_;
  std::unique_ptr<rpc::Channel> channel_;
  std::map<std::string, std::unique_ptr<support::Process>> running_;
  std::string operator_;
};

}  // namespace bongsu::deadletters
