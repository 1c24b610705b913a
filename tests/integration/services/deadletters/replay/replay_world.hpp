#pragma once
#include "support/service/service_world.hpp"

#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/events/v1/dead_letter.pb.h>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/events/v1/result.pb.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace bongsu::deadletters {

/// The deadletters service as it runs; the test plays the channels.
///
///   ReplayWorld world;
///   world.start();
///   const auto letters = world.bury(10);
///   const auto plan = world.plan(letters);
///   world.execute(plan);
///   world.until(plan, [](const v1::Replay& now) { return now.state() == v1::Replay::COMPLETED; });
class ReplayWorld : public support::ServiceWorld {
 public:
  using Outcome = events::v1::DeliveryResult::Outcome;
  /// What the channel makes of a record of the replay topic; nothing: no answer yet.
  using Channel = std::function<std::optional<Outcome>(const kafka::Message& record)>;

  struct Buried {
    std::string letter;  ///< id
    std::string notification;
  };

  ReplayWorld();

  /// Asks again while the service, or its database, is away.
  template <class Response, class Request>
  rpc::Answer<Response> ask(const Request& request, const std::string& token) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    for (;;) {
      auto told = ServiceWorld::ask<Response>(request, token);
      const bool away = !told && told.error().code == ErrorCode::kUnavailable;
      if (!away || std::chrono::steady_clock::now() > deadline) return told;
      pause();
    }
  }
  template <class Response, class Request>
  rpc::Answer<Response> ask(const Request& request) {
    return ask<Response>(request, operator_token());
  }

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
  kafka::Record result(const kafka::Message& record, Outcome outcome) const;
  /// As an engine would bury what it read on the replay topic.
  kafka::Record died_again(const kafka::Message& record) const;

  Channel answer = [](const kafka::Message&) { return events::v1::DeliveryResult::DELIVERED; };

 private:
  static void pause();
  void play();
  void until_indexed(const std::vector<Buried>& letters);

  std::set<std::pair<int, std::int64_t>> answered_;
};

}  // namespace bongsu::deadletters
