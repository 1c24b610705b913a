#include "plan.hpp"

#include <bongsu/events/reasons.hpp>

#include <algorithm>
#include <array>

namespace bongsu::deadletters {
namespace {

namespace reason = events::reason;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMessages{{
    {"replayed_before",
     "were replayed before and died again; find out why (dlq show) before sending them once more"},
    {"job_cancelled", "belong to a cancelled job; the channel will not send them, and they stay open"},
    {"too_old",
     "are older than the channels remember; they would die again as expired. Discard them, or ask "
     "for new messages"},
    {"undecodable", "could not be decoded; they go out unchanged, and die again unless the cause is mended"},
    {"unknown_outcome", "may have been delivered already; their recipients may get them twice"},
    {"not_open", "were replayed, delivered or discarded already, and are left out"},
    {"not_replayable", "are no notifications but events of our own intake, and are left out"},
}};

}  // namespace

std::string_view message_of(std::string_view warning_code) {
  for (const auto& [code, message] : kMessages) {
    if (code == warning_code) return message;
  }
  return "";
}

bool PlanCount::add(const LetterRow& row) {
  const auto& letter = row.letter;
  if (row.state != v1::DeadLetter::OPEN) {
    ++warnings_["not_open"];
    return false;
  }
  if (!letter.channel) {
    ++warnings_["not_replayable"];
    return false;
  }
  ++total_;
  ++reasons_[letter.reason];
  if (row.replays > 0) ++warnings_["replayed_before"];
  if (letter.job && is_cancelled_(*letter.job)) ++warnings_["job_cancelled"];
  if (letter.notification_id && letter.notification_id->time() < oldest_) ++warnings_["too_old"];
  if (letter.reason == reason::kUndecodable) ++warnings_["undecodable"];
  if (letter.reason == reason::kUnknownOutcome) ++warnings_["unknown_outcome"];
  return true;
}

std::vector<ReasonCount> PlanCount::reasons() const {
  std::vector<ReasonCount> counts;
  counts.reserve(reasons_.size());
  for (const auto& [name, count] : reasons_) counts.push_back({name, count});
  std::ranges::sort(counts, [](const auto& a, const auto& b) {
    return a.count != b.count ? a.count > b.count : a.reason < b.reason;
  });
  return counts;
}

std::vector<Warning> PlanCount::warnings() const {
  std::vector<Warning> warnings;
  warnings.reserve(warnings_.size());
  for (const auto& [code, count] : warnings_) warnings.push_back({code, count});
  return warnings;
}

}  // namespace bongsu::deadletters
