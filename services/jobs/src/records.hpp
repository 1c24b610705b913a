#pragma once
#include "outcome.hpp"

#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/intake/record.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What jobs reads from Kafka. Pure.
namespace bongsu::jobs {

/// What a delivery.result says of a recipient of a job.
struct RecipientResult {
  Uuid job;
  std::int32_t page = 0;
  std::uint32_t index = 0;
  Outcome outcome = Outcome::kPending;  ///< pending: only that the fallback took over
  bool fell_back = false;
  std::uint32_t generation = 0;
  // of failed and unknown
  Uuid notification_id;
  std::string recipient_masked;
  std::string reason;
  std::int32_t attempts = 0;
  Timestamp time;
};

/// Nothing: of no job, or not the end of a recipient. One that cannot be decoded is the gateway's dead
/// letter, which reads the same topic, unless its key says that it is a job's.
intake::Usable<std::optional<RecipientResult>> read_result(const kafka::Message& record);

struct PlannedCount {
  Uuid job;
  std::int64_t total = 0;
  std::int64_t no_consent = 0;
  std::int64_t inactive = 0;
  std::int64_t no_recipient = 0;
};

struct PlannedPage {
  Uuid job;
  std::int32_t page = 0;
  std::int32_t size = 0;
  bool last = false;
  std::vector<std::pair<std::uint32_t, Outcome>> suppressed;
};

using Planned = std::variant<PlannedCount, PlannedPage>;

intake::Usable<Planned> read_planned(const kafka::Message& record);

}  // namespace bongsu::jobs
