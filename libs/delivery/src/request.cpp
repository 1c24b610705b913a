#include "request.hpp"

#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/reasons.hpp>
#include <bongsu/events/v1/user.pb.h>

namespace bongsu::delivery {
namespace {

namespace v1 = events::v1;
namespace reason = events::reason;

std::unexpected<Unusable> undecodable(const Error& error) {
  return std::unexpected(
      Unusable{.flaw = {.reason = reason::kUndecodable, .message = error.message}, .request = {}});
}

/// The id of a record that names none and whose source cannot be told from its headers: its place.
Uuid id_of_place(const kafka::Message& message) {
  return Uuid::v8(message.timestamp, std::string{message.topic} + "/" + std::to_string(message.partition) +
                                         "/" + std::to_string(message.offset));
}

Request begin(kafka::Message& message, LaneKind lane) {
  Request request;
  request.headers = std::move(message.headers);
  request.lane = lane;
  request.key = std::move(message.key);
  request.origin = {
      .topic = std::string{message.topic}, .partition = message.partition, .offset = message.offset};
  request.written_at = message.timestamp;
  return request;
}

/// "invalid" with what was read so far: enough for a sealed dead letter.
std::unexpected<Unusable> invalid(Request request, std::string message) {
  return std::unexpected(Unusable{.flaw = {.reason = reason::kInvalidRequest, .message = std::move(message)},
                                  .request = std::move(request)});
}

/// A signup that could not be decoded comes again by a replay, as it came first.
bool is_signup(const Lane& lane, const kafka::Message& message) {
  return lane.kind == LaneKind::kSignup ||
         (lane.kind == LaneKind::kReplay && find(message.headers, events::header::kType) ==
                                                std::optional<std::string_view>{events::type::kUserSignedUp});
}

/// Of headers that have been checked.
events::CloudEvent head_of(const Headers& headers) { return events::read_headers(headers, {}).value(); }

/// An id of its own, or one that follows from the event's source and id and time.
Result<Uuid> id_of(const v1::NotificationRequest& event, const Headers& headers, events::Channel channel) {
  if (!event.id().empty()) return Uuid::parse(event.id());
  const auto head = head_of(headers);
  const auto requested_at = events::from_proto(event.requested_at());
  if (head.id.empty() || head.source.empty() || !event.has_requested_at() || !requested_at) {
    return fail(ErrorCode::kInvalidArgument, "a request without id needs ce_source, ce_id and requestedAt");
  }
  return events::request_id(head.source, head.id, *requested_at, channel);
}

void name_cause(v1::NotificationRequest& event, const events::CloudEvent& head) {
  if (event.has_cause()) return;
  event.mutable_cause()->set_source(head.source);
  event.mutable_cause()->set_id(head.id);
}

/// Moves the clear text of an upstream request out of the event, so that it can be sealed.
v1::NotificationPrivate take_clear_text(v1::NotificationRequest& event) {
  v1::NotificationPrivate content;
  content.set_recipient(std::move(*event.mutable_recipient()));
  content.set_subject(std::move(*event.mutable_subject()));
  content.set_text(std::move(*event.mutable_content()));
  if (event.has_fallback()) {
    content.set_fallback_recipient(std::move(*event.mutable_fallback()->mutable_recipient()));
    event.mutable_fallback()->clear_recipient();
  }
  event.clear_recipient();
  event.clear_subject();
  event.clear_content();
  return content;
}

}  // namespace

Rank rank_of(const Request& request) {
  if (request.progress.generation > 0) return Rank::kReplay;
  return request.lane == LaneKind::kBulk || !request.event.job_id().empty() ? Rank::kBulk
                                                                            : Rank::kTransactional;
}

Intake::Intake(events::Channel channel, const Channel& greeter, const security::SealedBox& box,
               Random& random)
    : channel_(channel), greeter_(greeter), box_(box), random_(random) {}

std::expected<Request, Unusable> Intake::read(const Lane& lane, kafka::Message&& message) const {
  return is_signup(lane, message) ? read_signup(lane, message) : read_request(lane, message);
}

std::expected<Request, Unusable> Intake::read_request(const Lane& lane, kafka::Message& message) const {
  const auto content_type = events::check_headers(message.headers, events::type::kNotificationRequested);
  if (!content_type) return undecodable(content_type.error());
  auto event = events::decode<v1::NotificationRequest>(message.value, *content_type);
  if (!event) return undecodable(event.error());

  auto progress = lane.upstream_may_write() ? events::Progress{} : events::read_progress(message.headers);
  if (!progress) return undecodable(progress.error());
  const auto id = id_of(*event, message.headers, channel_);
  const auto its_id = id ? *id : id_of_place(message);
  const bool clear = event->sealed().empty();
  auto content = clear ? Result<v1::NotificationPrivate>{take_clear_text(*event)} : open(*event, its_id);
  if (!content) return undecodable(content.error());
  if (clear) name_cause(*event, head_of(message.headers));

  // The bytes of a sealed request never change; a clear one is sealed in finish(), once.
  auto request = begin(message, lane.kind);
  if (!clear) request.value = std::move(*message.value);
  request.progress = *progress;
  request.notification.id = its_id;
  request.event = std::move(*event);

  const bool right_channel = request.event.channel() == v1::CHANNEL_UNSPECIFIED ||
                             request.event.channel() == events::to_proto(channel_);
  auto finished = finish(std::move(request), std::move(*content));
  if (!id && finished) return invalid(std::move(*finished), id.error().message);
  if (!right_channel && finished) return invalid(std::move(*finished), "the request names another channel");
  return finished;
}

Result<v1::NotificationPrivate> Intake::open(const v1::NotificationRequest& event, const Uuid& id) const {
  const auto plain = box_.open(event.sealed(), id, events::type::kNotificationRequested);
  if (!plain) return std::unexpected(plain.error());
  v1::NotificationPrivate content;
  // Not by decode(): a coupon's request holds nothing private, and no bytes are right then.
  if (!content.ParseFromString(*plain))
    return fail(ErrorCode::kInvalidArgument, "the sealed request cannot be read");
  return content;
}

std::expected<Request, Unusable> Intake::finish(Request request, v1::NotificationPrivate content) const {
  auto& event = request.event;
  auto& notification = request.notification;
  if (request.value.empty()) {
    event.set_id(notification.id.str());
    event.set_channel(events::to_proto(channel_));
    event.set_sealed(box_.seal(content.SerializeAsString(), notification.id,
                               events::type::kNotificationRequested, random_));
    request.value = events::encode(event);
    set(request.headers, events::header::kContentType,
        std::string{events::name_of(events::ContentType::kProtobuf)});
  }
  // A repaired message is another one to the provider, and must not meet the first one's key.
  notification.idempotency_key = notification.id.str();
  if (event.repair() > 0) notification.idempotency_key += ".r" + std::to_string(event.repair());
  notification.member_id = event.member_id();
  notification.campaign_id = event.campaign_id();
  notification.recipient = Recipient{std::move(*content.mutable_recipient())};
  notification.subject = PrivateText{std::move(*content.mutable_subject())};
  notification.text = PrivateText{std::move(*content.mutable_text())};
  notification.html = PrivateText{std::move(*content.mutable_html())};
  notification.requested_at = events::from_proto(event.requested_at()).value_or(request.written_at);
  if (event.has_expires_at()) request.expires_at = events::from_proto(event.expires_at());
  if (const auto purpose = events::parse_purpose(event.purpose()); !purpose) {
    return invalid(std::move(request), "purpose is TRANSACTIONAL or MARKETING");
  }
  if (event.has_fallback() && !event.fallback().channel().empty()) {
    const auto other = events::parse_channel(event.fallback().channel());
    if (!other || *other == channel_ || *other == events::Channel::kCoupon) {
      return invalid(std::move(request),
                     "fallback names another channel that takes messages: KAKAO, SMS, EMAIL");
    }
    request.fallback = *other;
    request.fallback_recipient = content.fallback_recipient().empty()
                                     ? notification.recipient
                                     : Recipient{std::move(*content.mutable_fallback_recipient())};
  }
  return request;
}

std::expected<Request, Unusable> Intake::read_signup(const Lane& lane, kafka::Message& message) const {
  const auto head = events::read_headers(message.headers, events::type::kUserSignedUp);
  if (!head) return undecodable(head.error());
  auto event = events::decode<v1::UserSignedUp>(message.value, head->content_type);
  if (!event) return undecodable(event.error());
  auto progress = lane.upstream_may_write() ? events::Progress{} : events::read_progress(message.headers);
  if (!progress) return undecodable(progress.error());

  v1::UserPrivate member;
  if (event->sealed().empty()) {
    member.set_email(event->email());
    member.set_name(event->name());
  } else {
    const auto user_id = Uuid::parse(event->user_id());
    if (!user_id) return undecodable(user_id.error());
    const auto plain = box_.open(event->sealed(), *user_id, events::type::kUserSignedUp);
    if (!plain) return undecodable(plain.error());
    if (!member.ParseFromString(*plain)) {
      return undecodable(
          Error{.code = ErrorCode::kInvalidArgument, .message = "the sealed member cannot be read"});
    }
  }
  const auto greeting = greeter_.greet({.member_id = event->user_id(),
                                        .email = EmailAddress{member.email()},
                                        .name = PersonName{member.name()},
                                        .locale = event->locale().empty() ? "ko" : event->locale()});
  const auto signed_up_at = events::from_proto(event->signed_up_at());
  const bool complete = !event->user_id().empty() && event->has_signed_up_at() && signed_up_at;
  auto request = begin(message, lane.kind);
  request.progress = *progress;
  request.notification.id =
      complete ? events::notification_id(event->user_id(), *signed_up_at, channel_) : id_of_place(message);
  // From here on it is a request like any other; the key stays the member's.
  set(request.headers, events::header::kType, std::string{events::type::kNotificationRequested});
  request.event.set_member_id(event->user_id());
  if (event->has_signed_up_at()) *request.event.mutable_requested_at() = event->signed_up_at();
  request.event.set_locale(event->locale());
  name_cause(request.event, *head);
  v1::NotificationPrivate content;
  if (greeting) {
    request.event.set_campaign_id(greeting->campaign_id);
    content.set_recipient(greeting->recipient.reveal());
    content.set_subject(greeting->subject.reveal());
    content.set_text(greeting->text.reveal());
    content.set_html(greeting->html.reveal());
  }
  auto finished = finish(std::move(request), std::move(content));
  if (!complete && finished) return invalid(std::move(*finished), "a signup needs userId and signedUpAt");
  return finished;
}

}  // namespace bongsu::delivery
