#include "event_maker.hpp"

#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/events/v1/user.pb.h>

namespace bongsu::gateway {

namespace v1 = events::v1;

Headers EventMaker::headers_of(std::string id, std::string_view type, Timestamp at,
                               const std::optional<TraceContext>& trace) const {
  return events::make_headers({.id = std::move(id),
                               .source = std::string{kSource},
                               .type = std::string{type},
                               .time = at,
                               .content_type = events::ContentType::kProtobuf,
                               .trace = trace ? trace->child(random_) : TraceContext::start(random_)});
}

outbox::Event EventMaker::requested(const Message& message, const Uuid& message_id,
                                    const Uuid& notification_id, Timestamp at,
                                    const std::optional<TraceContext>& trace) const {
  v1::NotificationPrivate content;
  content.set_recipient(message.recipient.reveal());
  content.set_subject(message.subject.reveal());
  content.set_text(message.content.reveal());
  if (message.fallback) content.set_fallback_recipient(message.fallback->recipient.reveal());

  v1::NotificationRequest request;
  request.set_id(notification_id.str());
  request.set_channel(events::to_proto(message.channel));
  request.set_purpose(std::string{events::name_of(message.purpose)});
  *request.mutable_requested_at() = events::to_proto(at);
  if (message.expires_at) *request.mutable_expires_at() = events::to_proto(*message.expires_at);
  if (message.fallback) {
    request.mutable_fallback()->set_channel(std::string{events::upper_name_of(message.fallback->channel)});
  }
  request.mutable_cause()->set_source(std::string{kSource});
  request.mutable_cause()->set_id(message_id.str());
  request.set_sealed(
      box_.seal(events::encode(content), notification_id, events::type::kNotificationRequested, random_));

  auto headers = headers_of(message_id.str(), events::type::kNotificationRequested, at, trace);
  set(headers, events::header::kNotificationId, request.id());
  return {.id = message_id,
          .topic = topics_.request(message.channel),
          .key = fingerprints_.recipient(message.recipient),
          .headers = std::move(headers),
          .value = events::encode(request)};
}

outbox::Event EventMaker::signed_up(const SignedUp& signup, const Uuid& user_id, const Member& member,
                                    const std::string& sealed,
                                    const std::optional<TraceContext>& trace) const {
  v1::UserSignedUp event;
  event.set_user_id(signup.user_id);
  *event.mutable_signed_up_at() = events::to_proto(signup.at);
  event.mutable_consents()->set_marketing(member.consent_marketing);
  event.mutable_consents()->set_night(member.consent_night);
  event.set_locale(signup.locale);
  event.set_sealed(sealed);
  return {.id = user_id,
          .topic = topics_.signed_up(),
          .key = signup.user_id,
          .headers = headers_of(signup.user_id, events::type::kUserSignedUp, signup.at, trace),
          .value = events::encode(event)};
}

std::string EventMaker::seal(const Member& member, const Uuid& record_id) const {
  v1::UserPrivate content;
  content.set_email(member.email.reveal());
  content.set_name(member.name.reveal());
  content.set_phone(member.phone.reveal());
  if (member.birth_date) content.set_birth_date(to_string(*member.birth_date));
  return box_.seal(events::encode(content), record_id, events::type::kUserSignedUp, random_);
}

}  // namespace bongsu::gateway
