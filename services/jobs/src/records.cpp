#include "records.hpp"

#include <bongsu/events/bulk.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/reasons.hpp>
#include <bongsu/events/v1/bulk.pb.h>
#include <bongsu/events/v1/result.pb.h>

#include <limits>

namespace bongsu::jobs {
namespace {

namespace v1 = events::v1;
namespace reason = events::reason;
using intake::unusable;
using Wire = v1::DeliveryResult;

constexpr std::uint32_t kMost = std::numeric_limits<std::int32_t>::max();

/// Job id and page, where others have a notification's id alone.
bool is_a_jobs(const std::string& key) { return key.find('/') != std::string::npos; }

/// The end of a recipient, if it is one.
Outcome outcome_of(const Wire& result) {
  if (!result.final()) return Outcome::kPending;
  switch (result.outcome()) {
    case Wire::DELIVERED:
      return Outcome::kDelivered;
    case Wire::DEAD:
      return Outcome::kFailed;
    case Wire::UNKNOWN:
      return Outcome::kUnknown;
    case Wire::SUPPRESSED:
      return suppressed_for(result.reason());
    default:
      return Outcome::kPending;  // a retry, a hold; what fell back ends with the other channel's result
  }
}

bool is_known(Wire::Outcome outcome) {
  return v1::DeliveryResult_Outcome_IsValid(outcome) && outcome != Wire::OUTCOME_UNSPECIFIED;
}

/// Storable as text.
bool is_clean(const std::string& text) { return text.find('\0') == std::string::npos; }

intake::Usable<std::optional<RecipientResult>> recipient_of(const Wire& result) {
  if (!is_known(result.outcome())) return unusable(reason::kInvalidRequest, "outcome is none that is known");
  RecipientResult read{.outcome = outcome_of(result), .fell_back = result.outcome() == Wire::FELL_BACK};
  if (read.outcome == Outcome::kPending && !read.fell_back) return std::nullopt;
  const auto job = Uuid::parse(result.job_id());
  if (!job) return unusable(reason::kInvalidRequest, "job_id is no UUID");
  if (result.page() > kMost) return unusable(reason::kInvalidRequest, "page is out of range");
  if (result.index() >= events::kPageSize) return unusable(reason::kInvalidRequest, "index is out of range");
  read.job = *job;
  read.page = static_cast<std::int32_t>(result.page());
  read.index = result.index();
  read.generation = result.generation();
  if (read.outcome != Outcome::kFailed && read.outcome != Outcome::kUnknown) return read;
  const auto id = Uuid::parse(result.notification_id());
  const auto time = events::from_proto(result.time());
  if (!id) return unusable(reason::kInvalidRequest, "notification_id is no UUID");
  if (!result.has_time() || !time) return unusable(reason::kInvalidRequest, "time is missing");
  if (result.attempt() > kMost) return unusable(reason::kInvalidRequest, "attempt is out of range");
  if (!is_clean(result.reason()) || !is_clean(result.recipient_masked()))
    return unusable(reason::kInvalidRequest, "a text cannot be stored");
  read.notification_id = *id;
  read.time = *time;
  read.attempts = static_cast<std::int32_t>(result.attempt());
  read.recipient_masked = result.recipient_masked();
  read.reason = result.reason();
  if (read.reason.empty() && read.outcome == Outcome::kUnknown) read.reason = reason::kUnknownOutcome;
  return read;
}

intake::Usable<Planned> count_of(const Uuid& job, const v1::BulkPlanned::Count& count) {
  PlannedCount read{.job = job, .total = static_cast<std::int64_t>(count.total())};
  if (count.total() > kMost) return unusable(reason::kInvalidRequest, "total is out of range");
  std::uint64_t suppressed = 0;
  for (const auto& one : count.suppressed()) {
    if (one.count() > count.total() - suppressed)
      return unusable(reason::kInvalidRequest, "more are suppressed than there are");
    suppressed += one.count();
    const auto number = static_cast<std::int64_t>(one.count());
    if (one.reason() == "no_consent") {
      read.no_consent += number;
    } else if (one.reason() == "inactive") {
      read.inactive += number;
    } else if (one.reason() == "no_recipient") {
      read.no_recipient += number;
    } else {
      return unusable(reason::kInvalidRequest, "a suppression's reason is none that is known");
    }
  }
  return Planned{read};
}

intake::Usable<Planned> page_of(const Uuid& job, const v1::BulkPlanned::Page& page) {
  if (page.page() > kMost) return unusable(reason::kInvalidRequest, "page is out of range");
  if (page.size() > events::kPageSize)
    return unusable(reason::kInvalidRequest, "a page has at most 1000 members");
  if (page.size() == 0 && !page.last())
    return unusable(reason::kInvalidRequest, "only the last page may be empty");
  PlannedPage read{.job = job,
                   .page = static_cast<std::int32_t>(page.page()),
                   .size = static_cast<std::int32_t>(page.size()),
                   .last = page.last(),
                   .suppressed = {}};
  read.suppressed.reserve(static_cast<std::size_t>(page.suppressed_size()));
  for (const auto& one : page.suppressed()) {
    if (one.index() >= page.size())
      return unusable(reason::kInvalidRequest, "a suppressed index is out of range");
    const auto outcome = suppressed_for(one.reason());
    if (outcome == Outcome::kCancelled && one.reason() != "cancelled")
      return unusable(reason::kInvalidRequest, "a suppression's reason is none that is known");
    read.suppressed.emplace_back(one.index(), outcome);
  }
  return Planned{std::move(read)};
}

}  // namespace

intake::Usable<std::optional<RecipientResult>> read_result(const kafka::Message& record) {
  auto result = intake::decode<Wire>(record, events::type::kDeliveryResult);
  if (!result) {
    if (!is_a_jobs(record.key)) return std::nullopt;
    return std::unexpected(std::move(result.error()));
  }
  if (result->job_id().empty()) return std::nullopt;
  return recipient_of(*result);
}

intake::Usable<Planned> read_planned(const kafka::Message& record) {
  auto event = intake::decode<v1::BulkPlanned>(record, events::type::kBulkPlanned);
  if (!event) return std::unexpected(std::move(event.error()));
  const auto job = Uuid::parse(event->job_id());
  if (!job) return unusable(reason::kInvalidRequest, "job_id is no UUID");
  if (event->has_count()) return count_of(*job, event->count());
  if (event->has_page()) return page_of(*job, event->page());
  return unusable(reason::kInvalidRequest, "neither a count nor a page");
}

}  // namespace bongsu::jobs
