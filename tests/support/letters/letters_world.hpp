#pragma once
#include "support/service/service_world.hpp"

#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/events/progress.hpp>
#include <bongsu/events/v1/dead_letter.pb.h>
#include <bongsu/events/v1/notification.pb.h>

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

/// The deadletters service as it runs; the test plays the channels.
///
///   LettersWorld world;
///   world.start();
///   world.publish({world.record({.notification = world.next_id()})});
///   world.until_total(1);
class LettersWorld : public support::ServiceWorld {
 public:
  LettersWorld()
      : ServiceWorld{"deadletters", {"deadletter.read", "deadletter.replay", "deadletter.reveal"}} {}

  /// Deaths of all channels and several reasons, with and without code, job and earlier replays.
  std::vector<Dead> mixed(int count);
  kafka::Record record(const Dead& dead) const;
  /// Every tenth is there twice.
  std::vector<kafka::Record> records(const std::vector<Dead>& deaths) const;
  /// A record that its channel could not decode, as it came from C.request.
  kafka::Record undecodable(events::Channel channel, std::string value, std::int64_t offset,
                            Headers headers = {}) const;
  kafka::Record decision(const Uuid& letter, events::v1::DeadLetterEvent::Kind kind, std::uint64_t revision,
                         const std::string& replay = {}) const;

  /// All that match, page by page.
  std::vector<v1::DeadLetter> list(const v1::Filter& filter = {}, int page_size = 300);
  std::int64_t total();
  /// Waits until the index has so many.
  void until_total(std::int64_t letters, std::chrono::seconds limit = std::chrono::seconds{60});
  v1::DeadLetter get(const Uuid& letter);
  /// With what its record says: asks again while Kafka is too slow for the service.
  rpc::Answer<v1::DeadLetter> read(const v1::GetDeadLetterRequest& request, const std::string& token);
  /// Everything that a rebuild must give again, a line a row.
  std::vector<std::string> dump();
};

}  // namespace bongsu::deadletters
