#pragma once
#include "fingerprints.hpp"
#include "member.hpp"
#include "message.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/core/trace.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/outbox/event.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <string>

namespace bongsu::gateway {

/// What a signup asks for besides the member itself.
struct SignedUp {
  std::string user_id;
  Timestamp at;
  std::string locale;  ///< "ko" or "en"
};

/// The events that the gateway publishes. What tells a person is sealed in them.
/// Threads: the io_context's one thread. Lifetime: what it refers to outlives it.
class EventMaker {
 public:
  EventMaker(const security::SealedBox& box, const Fingerprints& fingerprints, events::Topics topics,
             Random& random)
      : box_(box), fingerprints_(fingerprints), topics_(std::move(topics)), random_(random) {}

  /// The request of one message; its event has the message's id.
  outbox::Event requested(const Message& message, const Uuid& message_id, const Uuid& notification_id,
                          Timestamp at, const std::optional<TraceContext>& trace) const;

  /// `user_id` is a UUID here: ours are. `sealed` is what seal() gave for it.
  outbox::Event signed_up(const SignedUp& signup, const Uuid& user_id, const Member& member,
                          const std::string& sealed, const std::optional<TraceContext>& trace) const;

  /// A sealed UserPrivate. `record_id` is the user id, or what follows from it where it is no UUID.
  std::string seal(const Member& member, const Uuid& record_id) const;

  const events::Topics& topics() const { return topics_; }

 private:
  Headers headers_of(std::string id, std::string_view type, Timestamp at,
                     const std::optional<TraceContext>& trace) const;

  const security::SealedBox& box_;
  const Fingerprints& fingerprints_;
  events::Topics topics_;
  Random& random_;
};

/// Who published what the gateway publishes: ce_source.
inline constexpr std::string_view kSource = "/bongsu/gateway";

}  // namespace bongsu::gateway
