#pragma once
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/events/channel.hpp>
#include <bongsu/events/v1/result.pb.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::gateway {

using Outcome = events::v1::DeliveryResult_Outcome;

/// How one attempt ended, as its delivery.result told.
struct Attempt {
  Uuid notification_id;
  events::Channel channel = events::Channel::kEmail;
  std::uint32_t generation = 0;
  std::uint32_t attempt = 1;
  std::uint32_t round = 0;
  Timestamp time;
  Outcome outcome = Outcome::DeliveryResult_Outcome_OUTCOME_UNSPECIFIED;
  std::string reason;            ///< empty when delivered
  std::string provider_code;     ///< empty: none
  std::uint32_t tries = 0;       ///< provider calls within the attempt
  std::optional<Uuid> fallback;  ///< the notification that has taken over
};

/// Where a message stands, in the words of REST.
enum class MessageStatus { kAccepted, kPublished, kDelivered, kFailed, kSuppressed, kUnknown };
std::string_view name_of(MessageStatus status);

/// How far the message came before any result of it.
enum class Progress { kWaiting, kPublished, kRefused };

struct StatusSummary {
  MessageStatus status = MessageStatus::kAccepted;
  std::uint32_t attempts = 0;  ///< over all channels and generations; what was held or suppressed is none
  std::string last_error;      ///< the reason of the last attempt that was not delivered; empty: none
};

/// What the attempts of a notification, and of its fallbacks, add up to. `attempts` in any order; the
/// notification asked for is `id`. Pure.
///
/// Delivered anywhere is delivered: it tells what happened. Else the last word counts: of the greatest
/// generation its last attempt; where a fallback took over, the fallback's.
StatusSummary summarise(const Uuid& id, Progress progress, const std::vector<Attempt>& attempts);

}  // namespace bongsu::gateway
