#pragma once
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/events/channel.hpp>

#include <cstdint>
#include <string_view>

/// Ids that follow from what they come from: the same parent always yields the same child, so that
/// publishing again is harmless. All are UUIDs of version 8 that begin with their parent's time.
namespace bongsu::events {

/// The parent's own time when its id carries one (UUID version 7 or 8), else `event_time`
/// (signed_up_at, requested_at).
Timestamp parent_time(std::string_view parent_id, Timestamp event_time);

/// A notification's id. Parent: the user id of a signup, the message id of a message, the failed
/// notification's id of a fallback. A parent that is a UUID counts in its lower-case form.
Uuid notification_id(std::string_view parent_id, Timestamp event_time, Channel channel);
Uuid notification_id(const Uuid& parent, Channel channel);

/// A bulk notification's id; its time is the job's.
Uuid bulk_notification_id(const Uuid& job, std::string_view member_id, Channel channel);

/// The id of a request that came without one.
Uuid request_id(std::string_view source, std::string_view event_id, Timestamp requested_at, Channel channel);

/// A dead letter's id: one for each notification and generation, however often it is published.
Uuid letter_id(const Uuid& notification, std::uint32_t generation);
/// A dead letter whose notification cannot be told: the dead-letter topic it is on, and where it was read
/// last before (several consume user.signed-up, and each has a letter of its own). Begins with time zero.
Uuid letter_id(std::string_view dlq, std::string_view topic, int partition, std::int64_t offset);

}  // namespace bongsu::events
