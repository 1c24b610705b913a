#pragma once
#include "support/kafka/kafka_world.hpp"
#include "support/postgres/postgres_world.hpp"
#include "support/process/process.hpp"
#include "support/run.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/events/topics.hpp>
#include <bongsu/events/v1/dead_letter.pb.h>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/events/v1/result.pb.h>
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

/// The deadletters service as it runs, with Kafka and PostgreSQL of its own; the test plays the channels.
///
///   ReplayWorld world;
///   world.start();
///   const auto letters = world.bury(10);
///   const auto plan = world.plan(letters);
///   world.execute(plan);
///   world.until(plan, [](const v1::Replay& now) { return now.state() == v1::Replay::COMPLETED; });
class ReplayWorld {
 public:
  using Outcome = events::v1::DeliveryResult::Outcome;
  /// What the channel makes of a record of the replay topic; nothing: no answer yet.
  using Channel = std::function<std::optional<Outcome>(const kafka::Message& record)>;

  struct Buried {
    std::string letter;  ///< id
    std::string notification;
  };

  ReplayWorld();
  ~ReplayWorld();
  ReplayWorld(const ReplayWorld&) = delete;
  ReplayWorld& operator=(const ReplayWorld&) = delete;

  /// A replica; calls go to the one that was started last.
  void start(const std::string& id = "", const std::vector<std::string>& arguments = {});
  void kill(const std::string& id = "");
  int stop(const std::string& id = "");
  /// PostgreSQL knows of no deadletters process any more.
  void until_disconnected();
  std::string log_of(const std::string& id = "") const;

  std::string token(const std::set<std::string>& roles) const;
  /// Asks again while the service, or its database, is away.
  template <class Response, class Request>
  rpc::Answer<Response> ask(const Request& request, const std::string& token) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    for (;;) {
      auto told =
          run(channel_->call<Response>(request, {.timeout = std::chrono::seconds{30}, .token = token}));
      const bool away = !told && told.error().code == ErrorCode::kUnavailable;
      if (!away || std::chrono::steady_clock::now() > deadline) return told;
      pause();
    }
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
  const std::string& operator_token() const { return operator_; }

  /// Dead letters of the email channel, and waits until they are indexed.
  std::vector<Buried> bury(int count, const std::string& reason = "timeout", std::uint32_t generation = 0);
  /// A record that nobody could decode.
  Buried bury_poison(std::string value, Headers headers);
  v1::DeadLetter letter(const std::string& id);

  v1::Replay plan(const std::vector<Buried>& letters);
  v1::Replay plan_all();
  static v1::ExecuteReplayRequest order(const v1::Replay& plan, double rate = 100'000);
  v1::Replay execute(const v1::Replay& plan, double rate = 100'000);
  v1::Replay get(const std::string& name);
  /// Lets the channel play and reads until it holds, and each time sees that the counts add up.
  v1::Replay until(const v1::Replay& replay, const std::function<bool(const v1::Replay&)>& holds,
                   std::chrono::seconds limit = std::chrono::seconds{60});
  v1::Replay until_state(const v1::Replay& replay, v1::Replay::State state) {
    return until(replay, [state](const v1::Replay& now) { return now.state() == state; });
  }

  /// Everything on the replay topic by now.
  std::vector<kafka::Message> sent();
  /// How often each letter was sent.
  std::map<std::string, int> sent_letters();
  void publish(std::vector<kafka::Record> records) { kafka.produce(std::move(records)); }
  kafka::Record result(const kafka::Message& record, Outcome outcome) const;
  /// As an engine would bury what it read on the replay topic.
  kafka::Record died_again(const kafka::Message& record) const;
  /// As the administrator, as text.
  std::vector<std::string> column(const std::string& sql);
  const security::SealedBox& box() const { return *box_; }

  support::KafkaWorld kafka;
  support::PostgresWorld database{"deadletters"};
  std::map<std::string, std::string> environment;  ///< added to every replica that starts
  Channel answer = [](const kafka::Message&) { return events::v1::DeliveryResult::DELIVERED; };

 private:
  template <class T>
  static asio::awaitable<std::vector<T>> boxed(asio::awaitable<T> task) {
    std::vector<T> one;
    one.push_back(co_await std::move(task));
    co_return one;
  }
  static void pause();
  void play();
  void until_indexed(const std::vector<Buried>& letters);

  events::Topics topics_;
  support::TemporaryFolder folder_;
  asio::io_context io_;
  SystemRandom random_;
  std::unique_ptr<security::SealedBox> box_;
  std::unique_ptr<postgres::Pool> administrator_;
  std::unique_ptr<rpc::Channel> channel_;
  std::map<std::string, std::unique_ptr<support::Process>> running_;
  std::string operator_;
  std::set<std::pair<int, std::int64_t>> answered_;
};

}  // namespace bongsu::deadletters
