#pragma once
#include <bongsu/delivery/channel.hpp>
#include <bongsu/delivery/lane.hpp>
#include <bongsu/events/channel.hpp>
#include <bongsu/events/progress.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/kafka/record.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <optional>
#include <string>

namespace bongsu::delivery {

/// A record that asks for a notification, decoded, sealed and opened.
struct Request {
  events::v1::NotificationRequest event;  ///< sealed; its clear fields are empty
  std::string value;                      ///< the event's bytes: the same from here to the dead letter
  Headers headers;                        ///< CloudEvents' as they came
  Notification notification;
  events::Progress progress;
  /// The channel that takes over when this one does not serve, and whom it reaches there.
  std::optional<events::Channel> fallback;
  Recipient fallback_recipient;
  LaneKind lane = LaneKind::kRequest;
  std::optional<Timestamp> expires_at;
  std::string key;  ///< of the record; one id always comes with one key
  kafka::Position origin;
  Timestamp written_at;
};

/// Who goes first when not all can be sent at once, and whose topics a fallback goes to. A record of a
/// retry topic keeps the rank of the lane that it came from.
enum class Rank : std::uint8_t { kTransactional, kReplay, kBulk };
inline constexpr std::size_t kRanks = 3;
Rank rank_of(const Request& request);

/// Why a record cannot be delivered. `request` is there where enough of it could be read for a ledger
/// row and a sealed value; without it the record dies with its bytes as they came.
struct Flaw {
  std::string_view reason;  ///< undecodable or invalid_request
  std::string message;      ///< ours, without a value
};
struct Unusable {
  Flaw flaw;
  std::optional<Request> request;
};

/// Turns records into requests. Threads: the io_context's one thread.
class Intake {
 public:
  Intake(events::Channel channel, const Channel& greeter, const security::SealedBox& box, Random& random);

  /// Takes the message's key, headers and value where it makes a request of it; else leaves them alone.
  std::expected<Request, Unusable> read(const Lane& lane, kafka::Message&& message) const;

 private:
  std::expected<Request, Unusable> read_request(const Lane& lane, kafka::Message& message) const;
  std::expected<Request, Unusable> read_signup(const Lane& lane, kafka::Message& message) const;
  std::expected<Request, Unusable> finish(Request request, events::v1::NotificationPrivate content) const;
  Result<events::v1::NotificationPrivate> open(const events::v1::NotificationRequest& event,
                                               const Uuid& id) const;

  events::Channel channel_;
  const Channel& greeter_;
  const security::SealedBox& box_;
  Random& random_;
};

}  // namespace bongsu::delivery
