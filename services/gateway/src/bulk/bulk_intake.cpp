#include "bulk/bulk_intake.hpp"

#include <bongsu/events/event_types.hpp>
#include <bongsu/events/reasons.hpp>
#include <bongsu/events/v1/bulk.pb.h>
#include <bongsu/events/v1/job_control.pb.h>

#include <limits>

namespace bongsu::gateway {
namespace {

namespace v1 = events::v1;
namespace reason = events::reason;

std::unexpected<intake::Unusable> invalid(std::string message) {
  return intake::unusable(reason::kInvalidRequest, std::move(message));
}

/// Takes each record by itself: there are few of them.
template <class Read, class Note>
asio::awaitable<Result<std::vector<intake::DeadLetter>>> take_each(const BulkIntakeParts& parts,
                                                                   const std::vector<kafka::Message>& records,
                                                                   bool compacted, Read read, Note note) {
  std::vector<intake::DeadLetter> letters;
  for (const auto& record : records) {
    // A tombstone: the job is long over.
    if (compacted && !record.value) continue;
    auto one = read(record);
    if (!one) {
      letters.push_back(intake::letter_of(record, std::move(one.error()), parts.group));
      continue;
    }
    const auto noted = co_await note(std::move(*one));
    if (!noted) co_return std::unexpected(noted.error());
  }
  parts.on_work();
  co_return letters;
}

}  // namespace

intake::Usable<BulkRequest> read_bulk_request(const kafka::Message& record) {
  auto event = intake::decode<v1::BulkRequested>(record, events::type::kBulkRequested);
  if (!event) return std::unexpected(std::move(event.error()));
  const auto job = Uuid::parse(event->job_id());
  const auto group = events::parse_age_group(event->age_group());
  const auto channel = events::from_proto(event->channel());
  const auto purpose = events::parse_purpose(event->purpose());
  const auto as_of = events::from_proto(event->as_of());
  const auto requested_at = events::from_proto(event->requested_at());
  if (!job) return invalid("job_id is no UUID");
  if (!group) return invalid("age_group is none that is known");
  if (!channel || *channel == events::Channel::kCoupon) return invalid("channel is none that a job can have");
  if (!purpose) return invalid("purpose is none that is known");
  if (!event->has_as_of() || !as_of) return invalid("as_of is missing");
  if (!event->has_requested_at() || !requested_at) return invalid("requested_at is missing");
  if (event->sealed().empty()) return invalid("the message is missing");
  BulkRequest request{.job = *job,
                      .age_group = *group,
                      .channel = *channel,
                      .fallback = {},
                      .purpose = *purpose,
                      .as_of = *as_of,
                      .requested_at = *requested_at,
                      .sealed = event->sealed(),
                      .counted = event->has_total_count()};
  if (event->fallback() != v1::CHANNEL_UNSPECIFIED) {
    const auto fallback = events::from_proto(event->fallback());
    if (!fallback) return invalid("fallback is none that is known");
    request.fallback = *fallback;
  }
  return request;
}

intake::Usable<BulkControl> read_control(const kafka::Message& record) {
  auto event = intake::decode<v1::JobControl>(record, events::type::kJobControl);
  if (!event) return std::unexpected(std::move(event.error()));
  const auto job = Uuid::parse(event->job_id());
  if (!job) return invalid("job_id is no UUID");
  const bool known =
      v1::JobControl::State_IsValid(event->state()) && event->state() != v1::JobControl::STATE_UNSPECIFIED;
  if (!known) return invalid("state is none that is known");
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (event->revision() == 0 || event->revision() > most) return invalid("revision is out of range");
  if (event->pages_allowed() > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())) {
    return invalid("pages_allowed is out of range");
  }
  return BulkControl{.job = *job,
                     .revision = static_cast<std::int64_t>(event->revision()),
                     .state = event->state(),
                     .pages_allowed = static_cast<std::int32_t>(event->pages_allowed())};
}

asio::awaitable<Result<std::vector<intake::DeadLetter>>> take_bulk_requests(
    const BulkIntakeParts& parts, const std::vector<kafka::Message>& records) {
  co_return co_await take_each(parts, records, false, read_bulk_request, [&parts](BulkRequest request) {
    return parts.jobs.note_request(std::move(request));
  });
}

asio::awaitable<Result<std::vector<intake::DeadLetter>>> take_controls(
    const BulkIntakeParts& parts, const std::vector<kafka::Message>& records) {
  co_return co_await take_each(parts, records, true, read_control,
                               [&parts](BulkControl control) { return parts.jobs.note_control(control); });
}

}  // namespace bongsu::gateway
