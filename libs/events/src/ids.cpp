#include <bongsu/events/ids.hpp>

#include <string>

namespace bongsu::events {
namespace {

/// The name that is hashed. Changing it would give everything published again a new id.
std::string child_of(std::string_view parent, Channel channel) {
  std::string name{parent};
  return name.append("/").append(name_of(channel));
}

bool carries_time(const Uuid& id) { return id.version() == 7 || id.version() == 8; }

}  // namespace

Timestamp parent_time(std::string_view parent_id, Timestamp event_time) {
  const auto id = Uuid::parse(parent_id);
  return id && carries_time(*id) ? id->time() : event_time;
}

Uuid notification_id(std::string_view parent_id, Timestamp event_time, Channel channel) {
  const auto id = Uuid::parse(parent_id);
  const auto time = id && carries_time(*id) ? id->time() : event_time;
  return Uuid::v8(time, child_of(id ? id->str() : std::string{parent_id}, channel));
}

Uuid notification_id(const Uuid& parent, Channel channel) {
  return Uuid::v8(parent.time(), child_of(parent.str(), channel));
}

Uuid bulk_notification_id(const Uuid& job, std::string_view member_id, Channel channel) {
  const auto member = Uuid::parse(member_id);
  return Uuid::v8(job.time(),
                  child_of(job.str() + "/" + (member ? member->str() : std::string{member_id}), channel));
}

Uuid request_id(std::string_view source, std::string_view event_id, Timestamp requested_at, Channel channel) {
  std::string name{source};
  return Uuid::v8(requested_at, child_of(name.append("\n").append(event_id), channel));
}

Uuid letter_id(const Uuid& notification, std::uint32_t generation) {
  return Uuid::v8(notification.time(), notification.str() + "#" + std::to_string(generation));
}

Uuid letter_id(std::string_view dlq, std::string_view topic, int partition, std::int64_t offset) {
  std::string name{dlq};
  name.append("/").append(topic).append("/").append(std::to_string(partition));
  return Uuid::v8(Timestamp{}, name.append("/").append(std::to_string(offset)));
}

}  // namespace bongsu::events
