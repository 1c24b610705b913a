#include "follow_up.hpp"

#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/v1/result.pb.h>

#include <google/protobuf/util/time_util.h>

namespace bongsu::delivery {
namespace {

namespace v1 = events::v1;
namespace header = events::header;
using v1::DeliveryResult;

DeliveryResult::Outcome outcome_of(const Row& row) {
  switch (row.outcome) {
    case Outcome::kDelivered:
      return DeliveryResult::DELIVERED;
    case Outcome::kFailed:
      return DeliveryResult::RETRYING;
    case Outcome::kDead:
      return DeliveryResult::DEAD;
    case Outcome::kUnknown:
      return DeliveryResult::UNKNOWN;
    case Outcome::kSuppressed:
      return DeliveryResult::SUPPRESSED;
    case Outcome::kHeld:
      return DeliveryResult::HELD;
    case Outcome::kFellBack:
      return DeliveryResult::FELL_BACK;
    case Outcome::kOpen:
      break;
  }
  return DeliveryResult::OUTCOME_UNSPECIFIED;
}

bool is_final(Outcome outcome) {
  return outcome != Outcome::kFailed && outcome != Outcome::kHeld && outcome != Outcome::kOpen;
}

DeliveryResult::Lane lane_of(const Request& request) {
  switch (request.lane) {
    case LaneKind::kBulk:
      return DeliveryResult::BULK;
    case LaneKind::kReplay:
      return DeliveryResult::REPLAY;
    case LaneKind::kRetry:
      return DeliveryResult::RETRY;
    case LaneKind::kSignup:
    case LaneKind::kRequest:
      return DeliveryResult::TRANSACTIONAL;
  }
  return DeliveryResult::TRANSACTIONAL;
}

DeliveryResult result_of(const Addresses& addresses, const Request& request, const Row& row) {
  DeliveryResult result;
  const auto& event = request.event;
  result.set_notification_id(row.id.str());
  *result.mutable_cause() = event.cause();
  result.set_member_id(event.member_id());
  if (!request.notification.recipient.empty())
    result.set_recipient_masked(request.notification.recipient.masked());
  result.set_channel(events::to_proto(addresses.channel));
  result.set_outcome(outcome_of(row));
  result.set_reason(row.reason);
  result.set_provider_code(row.provider_code);
  result.set_generation(row.generation);
  result.set_attempt(row.attempt);
  result.set_round(row.round);
  result.set_tries(row.tries);
  result.set_total_tries(row.total_tries);
  result.set_provider_id(row.provider_id);
  *result.mutable_latency() = google::protobuf::util::TimeUtil::MillisecondsToDuration(row.latency.count());
  result.set_final(is_final(row.outcome));
  result.set_maybe_twice(row.maybe);
  result.set_lane(lane_of(request));
  result.set_job_id(event.job_id());
  // Only a replay's headers are ours for sure; upstream's are carried along, and mean nothing.
  if (row.generation > 0) {
    result.set_replay_id(std::string{find(request.headers, header::kReplayId).value_or("")});
    result.set_letter_id(std::string{find(request.headers, header::kLetterId).value_or("")});
  }
  result.set_page(event.page());
  result.set_index(event.index());
  *result.mutable_time() = events::to_proto(row.ended_at);
  if (row.outcome == Outcome::kFellBack && request.fallback) {
    result.set_fallback_channel(events::to_proto(*request.fallback));
    result.set_fallback_notification_id(events::notification_id(row.id, *request.fallback).str());
  }
  return result;
}

std::string source_of(const Addresses& addresses) {
  return "/bongsu/" + std::string{events::name_of(addresses.channel)};
}

kafka::Record result_record(const Addresses& addresses, const Request& request, const Row& row) {
  const auto result = result_of(addresses, request, row);
  std::string name = result.notification_id() + "/result";
  for (const auto part : {row.generation, row.attempt, row.round, static_cast<std::uint32_t>(row.outcome)})
    name.append("/").append(std::to_string(part));
  kafka::Record record;
  record.topic = addresses.topics.result();
  record.key = result.job_id().empty() ? result.notification_id()
                                       : result.job_id() + "/" + std::to_string(result.page());
  record.value = events::encode(result);
  record.headers = events::make_headers({.id = Uuid::v8(row.id.time(), name).str(),
                                         .source = source_of(addresses),
                                         .type = std::string{events::type::kDeliveryResult},
                                         .time = row.ended_at});
  if (const auto trace = find(request.headers, header::kTraceparent)) {
    set(record.headers, header::kTraceparent, std::string{*trace});
  }
  return record;
}

/// The request's bytes on another topic, with headers that repeat for people what the value says.
kafka::Record carry_on(const Request& request, const Row& row, std::string topic) {
  kafka::Record record;
  record.topic = std::move(topic);
  record.key = request.key;
  record.value = request.value;
  record.headers = request.headers;
  set(record.headers, header::kNotificationId, row.id.str());
  set(record.headers, header::kReason, row.reason);
  if (!row.provider_code.empty()) set(record.headers, header::kProviderCode, row.provider_code);
  const auto& event = request.event;
  if (!event.job_id().empty()) {
    set(record.headers, header::kJobId, event.job_id());
    set(record.headers, header::kPage, std::to_string(event.page()));
    set(record.headers, header::kIndex, std::to_string(event.index()));
  }
  return record;
}

/// Where a request of this rank waits at another channel.
std::string topic_of(const events::Topics& topics, events::Channel channel, Rank rank) {
  switch (rank) {
    case Rank::kBulk:
      return topics.bulk(channel);
    case Rank::kReplay:
      return topics.replay(channel);
    case Rank::kTransactional:
      break;
  }
  return topics.request(channel);
}

}  // namespace

FollowUp::FollowUp(Addresses addresses, const Settings& settings, const security::SealedBox& box,
                   Random& random)
    : addresses_(std::move(addresses)), settings_(settings), box_(box), random_(random) {}

kafka::Record FollowUp::retry(const Request& request, const Row& row) const {
  // A held record waits in the first tier and keeps its attempt; a failed one goes a tier further.
  const bool held = row.outcome == Outcome::kHeld;
  const std::size_t tier = held ? 0 : row.attempt - 1;
  auto record = carry_on(request, row, addresses_.topics.retry(addresses_.channel, tier));
  events::write(record.headers, events::Progress{.generation = row.generation,
                                                 .attempt = held ? row.attempt : row.attempt + 1,
                                                 .round = held ? row.round + 1 : 0,
                                                 .due_at = row.ended_at + settings_.retry_delays.at(tier),
                                                 .first_failed_at = row.first_failed_at});
  return record;
}

kafka::Record FollowUp::dead_letter(const Request& request, const Row& row) const {
  auto record = carry_on(request, row, addresses_.topics.dlq(addresses_.channel));
  events::write(record.headers, events::Progress{.generation = row.generation,
                                                 .attempt = row.attempt,
                                                 .round = row.round,
                                                 .due_at = std::nullopt,
                                                 .first_failed_at = row.first_failed_at});
  events::write(record.headers, events::Death{.reason = row.reason,
                                              .provider_code = row.provider_code,
                                              .topic = request.origin.topic,
                                              .partition = request.origin.partition,
                                              .offset = request.origin.offset,
                                              .group = addresses_.group,
                                              .tries = row.total_tries,
                                              .message = row.message});
  return record;
}

/// The same message for another channel: its own id and its own sealed box, and no further fallback.
kafka::Record FollowUp::fallback(const Request& request, const Row& row) const {
  const auto channel = request.fallback.value();
  const auto id = events::notification_id(row.id, channel);
  v1::NotificationPrivate content;
  content.set_recipient(request.fallback_recipient.reveal());
  content.set_subject(request.notification.subject.reveal());
  content.set_text(request.notification.text.reveal());
  auto event = request.event;
  event.set_id(id.str());
  event.set_channel(events::to_proto(channel));
  event.clear_fallback();
  event.set_sealed(box_.seal(content.SerializeAsString(), id, events::type::kNotificationRequested, random_));

  kafka::Record record;
  record.topic = topic_of(addresses_.topics, channel, rank_of(request));
  record.key = request.key;
  record.value = events::encode(event);
  record.headers = events::make_headers({.id = id.str(),
                                         .source = source_of(addresses_),
                                         .type = std::string{events::type::kNotificationRequested},
                                         .time = row.ended_at});
  if (const auto trace = find(request.headers, header::kTraceparent)) {
    set(record.headers, header::kTraceparent, std::string{*trace});
  }
  set(record.headers, header::kNotificationId, id.str());
  if (row.generation > 0) {
    for (const auto name : {header::kReplayId, header::kLetterId}) {
      if (const auto value = find(request.headers, name)) set(record.headers, name, std::string{*value});
    }
    events::write(record.headers, events::Progress{.generation = row.generation});
  }
  return record;
}

std::vector<kafka::Record> FollowUp::of(const Request& request, const Row& row) const {
  std::vector<kafka::Record> records;
  records.reserve(2);
  records.push_back(result_record(addresses_, request, row));
  switch (row.outcome) {
    case Outcome::kFailed:
    case Outcome::kHeld:
      records.push_back(retry(request, row));
      break;
    case Outcome::kDead:
    case Outcome::kUnknown:
      records.push_back(dead_letter(request, row));
      break;
    case Outcome::kFellBack:
      records.push_back(fallback(request, row));
      break;
    case Outcome::kOpen:
    case Outcome::kDelivered:
    case Outcome::kSuppressed:
      break;
  }
  return records;
}

kafka::Record FollowUp::dead_letter_as_it_came(const kafka::Message& message, const Flaw& why) const {
  kafka::Record record;
  record.topic = addresses_.topics.dlq(addresses_.channel);
  record.key = message.key;
  record.null_value = !message.value.has_value();
  record.value = message.value.value_or("");
  record.headers = message.headers;
  events::write(record.headers, events::Death{.reason = std::string{why.reason},
                                              .provider_code = {},
                                              .topic = std::string{message.topic},
                                              .partition = message.partition,
                                              .offset = message.offset,
                                              .group = addresses_.group,
                                              .tries = 0,
                                              .message = why.message});
  return record;
}

}  // namespace bongsu::delivery
