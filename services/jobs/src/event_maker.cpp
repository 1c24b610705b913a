#include "event_maker.hpp"

#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/v1/bulk.pb.h>
#include <bongsu/events/v1/job_control.pb.h>

namespace bongsu::jobs {

namespace v1 = events::v1;

namespace {

constexpr std::string_view kSource = "/bongsu/jobs";

}  // namespace

Headers EventMaker::headers_of(const Uuid& id, std::string_view type, Timestamp now) const {
  return events::make_headers({.id = id.str(),
                               .source = std::string{kSource},
                               .type = std::string{type},
                               .time = now,
                               .content_type = events::ContentType::kProtobuf,
                               .trace = TraceContext::start(random_)});
}

outbox::Event EventMaker::requested(const JobRow& job, const BulkMessage& message, Timestamp as_of,
                                    Timestamp now) const {
  v1::BulkPrivate content;
  content.set_subject(message.subject.reveal());
  content.set_text(message.text.reveal());

  v1::BulkRequested event;
  event.set_job_id(job.id.str());
  event.set_age_group(job.age_group);
  event.set_channel(events::to_proto(job.channel));
  if (job.fallback) event.set_fallback(events::to_proto(*job.fallback));
  event.set_purpose(job.purpose);
  *event.mutable_as_of() = events::to_proto(as_of);
  if (job.total) event.set_total_count(static_cast<std::uint64_t>(*job.total));
  event.set_sealed(box_.seal(events::encode(content), job.id, events::type::kBulkRequested, random_));
  *event.mutable_requested_at() = events::to_proto(now);

  auto headers = headers_of(job.id, events::type::kBulkRequested, now);
  set(headers, events::header::kJobId, job.id.str());
  return {.id = job.id,
          .topic = topics_.bulk_requested(),
          .key = job.id.str(),
          .headers = std::move(headers),
          .value = events::encode(event)};
}

outbox::Event EventMaker::control(const JobRow& job, Timestamp now) const {
  v1::JobControl event;
  event.set_job_id(job.id.str());
  event.set_revision(static_cast<std::uint64_t>(job.revision));
  event.set_state(static_cast<v1::JobControl::State>(job.control));
  event.set_pages_allowed(static_cast<std::uint32_t>(job.pages_allowed));
  *event.mutable_time() = events::to_proto(now);

  const auto id = Uuid::v7(now, random_);
  auto headers = headers_of(id, events::type::kJobControl, now);
  set(headers, events::header::kJobId, job.id.str());
  return {.id = id,
          .topic = topics_.job_control(),
          .key = job.id.str(),
          .headers = std::move(headers),
          .value = events::encode(event)};
}

}  // namespace bongsu::jobs
