#include "delivery_status.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace bongsu::gateway {
namespace {

using Wire = events::v1::DeliveryResult;

auto order_of(const Attempt& a) { return std::tuple{a.generation, a.attempt, a.round}; }

/// The last attempt of one notification; nullptr: it has none.
const Attempt* last_of(const Uuid& id, const std::vector<Attempt>& attempts) {
  const Attempt* last = nullptr;
  for (const auto& attempt : attempts) {
    if (attempt.notification_id != id) continue;
    if (last == nullptr || order_of(*last) < order_of(attempt)) last = &attempt;
  }
  return last;
}

/// Follows fallbacks to the notification that has the last word.
const Attempt* last_word(Uuid id, const std::vector<Attempt>& attempts) {
  std::set<Uuid> seen;  // an id comes from its parent's, so there is no ring; a forged result could make one
  const Attempt* word = last_of(id, attempts);
  while (word != nullptr && word->outcome == Wire::FELL_BACK && word->fallback && seen.insert(id).second) {
    id = *word->fallback;
    const auto* next = last_of(id, attempts);
    if (next == nullptr) break;
    word = next;
  }
  return word;
}

MessageStatus status_of(Outcome outcome) {
  switch (outcome) {
    case Wire::DELIVERED:
      return MessageStatus::kDelivered;
    case Wire::DEAD:
      return MessageStatus::kFailed;
    case Wire::SUPPRESSED:
      return MessageStatus::kSuppressed;
    case Wire::UNKNOWN:
      return MessageStatus::kUnknown;
    default:
      return MessageStatus::kPublished;  // it goes on: a retry, a fallback, a paused job
  }
}

MessageStatus status_of(Progress progress) {
  switch (progress) {
    case Progress::kWaiting:
      return MessageStatus::kAccepted;
    case Progress::kRefused:
      return MessageStatus::kFailed;
    default:
      return MessageStatus::kPublished;
  }
}

bool was_made(const Attempt& attempt) {
  return attempt.outcome != Wire::HELD && attempt.outcome != Wire::SUPPRESSED;
}

std::uint32_t count_attempts(const std::vector<Attempt>& attempts) {
  std::set<std::tuple<Uuid, std::uint32_t, std::uint32_t>> made;
  for (const auto& attempt : attempts) {
    if (was_made(attempt)) made.emplace(attempt.notification_id, attempt.generation, attempt.attempt);
  }
  return static_cast<std::uint32_t>(made.size());
}

std::string last_error(const std::vector<Attempt>& attempts) {
  const Attempt* last = nullptr;
  for (const auto& attempt : attempts) {
    if (attempt.reason.empty()) continue;
    if (last == nullptr || last->time <= attempt.time) last = &attempt;
  }
  return last == nullptr ? std::string{} : last->reason;
}

}  // namespace

std::string_view name_of(MessageStatus status) {
  switch (status) {
    case MessageStatus::kAccepted:
      return "ACCEPTED";
    case MessageStatus::kPublished:
      return "PUBLISHED";
    case MessageStatus::kDelivered:
      return "DELIVERED";
    case MessageStatus::kFailed:
      return "FAILED";
    case MessageStatus::kSuppressed:
      return "SUPPRESSED";
    case MessageStatus::kUnknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

StatusSummary summarise(const Uuid& id, Progress progress, const std::vector<Attempt>& attempts) {
  StatusSummary summary;
  const auto* word = last_word(id, attempts);
  summary.status = word == nullptr ? status_of(progress) : status_of(word->outcome);
  const bool delivered = std::any_of(attempts.begin(), attempts.end(),
                                     [](const Attempt& a) { return a.outcome == Wire::DELIVERED; });
  if (delivered) summary.status = MessageStatus::kDelivered;
  summary.attempts = count_attempts(attempts);
  summary.last_error = last_error(attempts);
  if (summary.last_error.empty() && progress == Progress::kRefused && attempts.empty()) {
    summary.last_error = "invalid_request";  // Kafka refused the record for its own sake
  }
  return summary;
}

}  // namespace bongsu::gateway
