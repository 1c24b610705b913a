#include "bulk/request_maker.hpp"

#include "event_maker.hpp"
#include "signup_intake.hpp"

#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/v1/bulk.pb.h>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/events/v1/user.pb.h>

namespace bongsu::gateway {
namespace {

namespace v1 = events::v1;
namespace header = events::header;

constexpr std::size_t kMaxSubject = 60;

/// A mail's subject where the job names none: the first line, cut between two characters.
std::string first_line(std::string_view text) {
  auto line = text.substr(0, text.find('\n'));
  std::size_t characters = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool begins_character = (static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U;
    if (begins_character && ++characters > kMaxSubject) return std::string{line.substr(0, i)};
  }
  return std::string{line};
}

Headers headers_of(std::string id, std::string_view type, Timestamp at, Random& random) {
  return events::make_headers({.id = std::move(id),
                               .source = std::string{kSource},
                               .type = std::string{type},
                               .time = at,
                               .content_type = events::ContentType::kProtobuf,
                               .trace = TraceContext::start(random)});
}

}  // namespace

Result<BulkMessage> RequestMaker::open(const BulkRequest& job) const {
  const auto opened = box_.open(job.sealed, job.job, events::type::kBulkRequested);
  if (!opened) return std::unexpected(opened.error());
  v1::BulkPrivate content;
  if (!content.ParseFromString(*opened))
    return fail(ErrorCode::kInvalidArgument, "the job's box holds no message");
  if (content.subject().empty()) content.set_subject(first_line(content.text()));
  return BulkMessage{.subject = PrivateText{std::move(*content.mutable_subject())},
                     .text = PrivateText{std::move(*content.mutable_text())}};
}

Result<kafka::Record> RequestMaker::request(const BulkRequest& job, const BulkMessage& message,
                                            std::uint32_t page, const BulkMember& member) const {
  const auto opened = box_.open(member.sealed, record_id_of(member.user_id), events::type::kUserSignedUp);
  if (!opened) return std::unexpected(opened.error());
  v1::UserPrivate person;
  if (!person.ParseFromString(*opened))
    return fail(ErrorCode::kInvalidArgument, "the member's box holds no member");

  const bool mail = job.channel == events::Channel::kEmail;
  v1::NotificationPrivate content;
  content.set_recipient(mail ? person.email() : person.phone());
  if (mail) content.set_subject(events::personalised(message.subject.reveal(), person.name()));
  content.set_text(events::personalised(message.text.reveal(), person.name()));

  const auto id = events::bulk_notification_id(job.job, member.user_id, job.channel);
  v1::NotificationRequest request;
  request.set_id(id.str());
  request.set_channel(events::to_proto(job.channel));
  request.set_member_id(std::string{member.user_id});
  request.set_purpose(std::string{events::name_of(job.purpose)});
  *request.mutable_requested_at() = events::to_proto(job.requested_at);
  if (job.fallback)
    request.mutable_fallback()->set_channel(std::string{events::upper_name_of(*job.fallback)});
  request.set_locale(std::string{member.locale});
  request.mutable_cause()->set_source(std::string{kSource});
  request.mutable_cause()->set_id(job.job.str());
  request.set_job_id(job.job.str());
  request.set_page(page);
  request.set_index(member.index);
  request.set_sealed(box_.seal(events::encode(content), id, events::type::kNotificationRequested, random_));

  auto headers = headers_of(request.id(), events::type::kNotificationRequested, clock_.now(), random_);
  headers.push_back({std::string{header::kNotificationId}, request.id()});
  headers.push_back({std::string{header::kJobId}, request.job_id()});
  headers.push_back({std::string{header::kPage}, std::to_string(page)});
  headers.push_back({std::string{header::kIndex}, std::to_string(member.index)});
  return kafka::Record{.topic = topics_.bulk(job.channel),
                       .partition = {},
                       .key = request.member_id(),
                       .value = events::encode(request),
                       .headers = std::move(headers),
                       .timestamp = {}};
}

kafka::Record RequestMaker::planned_record(const Uuid& job, std::string event_id, std::string value) const {
  return {.topic = topics_.bulk_planned(),
          .partition = {},
          .key = job.str(),
          .value = std::move(value),
          .headers = headers_of(std::move(event_id), events::type::kBulkPlanned, clock_.now(), random_),
          .timestamp = {}};
}

kafka::Record RequestMaker::planned(const Uuid& job, const Page& page) const {
  v1::BulkPlanned event;
  event.set_job_id(job.str());
  *event.mutable_planned_at() = events::to_proto(clock_.now());
  auto& told = *event.mutable_page();
  told.set_page(page.number);
  told.set_size(static_cast<std::uint32_t>(page.members.size()));
  told.set_last(page.last);
  for (const auto& one : page.suppressed) {
    auto& suppressed = *told.add_suppressed();
    suppressed.set_index(one.index);
    suppressed.set_reason(one.reason);
  }
  return planned_record(job, event.job_id() + "/" + std::to_string(page.number), events::encode(event));
}

kafka::Record RequestMaker::counted(const Uuid& job, const Census& census) const {
  v1::BulkPlanned event;
  event.set_job_id(job.str());
  *event.mutable_planned_at() = events::to_proto(clock_.now());
  auto& count = *event.mutable_count();
  count.set_total(static_cast<std::uint64_t>(census.total));
  const auto add = [&](const char* reason, std::int64_t number) {
    if (number == 0) return;
    auto& suppressed = *count.add_suppressed();
    suppressed.set_reason(reason);
    suppressed.set_count(static_cast<std::uint64_t>(number));
  };
  add("no_recipient", census.no_recipient);
  add("no_consent", census.no_consent);
  return planned_record(job, event.job_id() + "/count", events::encode(event));
}

}  // namespace bongsu::gateway
