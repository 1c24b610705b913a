#include "endings.hpp"

#include <bongsu/events/reasons.hpp>

namespace bongsu::delivery {

namespace reason = events::reason;

Row dead(Row row, std::string_view why, std::string message) {
  row.outcome = Outcome::kDead;
  row.reason = why;
  row.message = std::move(message);
  return row;
}

Row expired(Row row) {
  row = dead(std::move(row), reason::kExpired, "expiresAt has passed");
  if (row.maybe) row.outcome = Outcome::kUnknown;
  return row;
}

Row called_off(Row row, const NextStep& step) {
  if (std::holds_alternative<PutOff>(step)) {
    row.outcome = Outcome::kHeld;
    row.reason = reason::kPaused;
    row.message = "its job is paused";
  } else {
    row.outcome = row.maybe ? Outcome::kUnknown : Outcome::kSuppressed;
    row.reason = row.maybe ? reason::kUnknownOutcome : reason::kCancelled;
    row.message = row.maybe ? "its job was cancelled after it may have gone out" : "its job was cancelled";
  }
  return row;
}

Row buried_unknown(Row row) {
  row.outcome = Outcome::kUnknown;
  row.reason = reason::kUnknownOutcome;
  row.message = "a former owner may have sent it; nobody knows how it ended";
  return row;
}

namespace {

bool is_called_off(const NextStep& step) {
  return std::holds_alternative<PutOff>(step) || std::holds_alternative<Suppress>(step);
}

}  // namespace

Row end_of_attempt(Row row, const Attempted& attempted) {
  row.tries = attempted.tries;
  row.total_tries += attempted.tries;
  row.maybe = row.maybe || attempted.maybe;
  row.latency = attempted.latency;
  if (attempted.last) {
    row.outcome = Outcome::kDelivered;
    row.provider_id = attempted.last->provider_id;
    return row;
  }
  if (is_called_off(attempted.step) && attempted.tries == 0)
    return called_off(std::move(row), attempted.step);
  const auto& failure = attempted.last.error();
  row.provider_code = failure.detail;
  row.first_failed_at = row.first_failed_at.value_or(row.ended_at);
  if (const auto* bury = std::get_if<Bury>(&attempted.step)) {
    if (bury->reason == reason::kExpired) return expired(std::move(row));
    return dead(std::move(row), bury->reason, failure.message);
  }
  if (is_called_off(attempted.step)) return called_off(std::move(row), attempted.step);
  row.outcome = std::holds_alternative<FallBack>(attempted.step) ? Outcome::kFellBack : Outcome::kFailed;
  row.reason = reason_of(failure.code);
  row.message = failure.message;
  return row;
}

}  // namespace bongsu::delivery
