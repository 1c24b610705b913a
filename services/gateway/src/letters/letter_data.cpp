#include "letters/letter_data.hpp"

#include "json_values.hpp"
#include "letters/letter_request.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace bongsu::gateway {
namespace {

using deadletters::v1::DeadLetter;
using deadletters::v1::Replay;

struct Warned {
  std::string_view code;
  const char* korean;
};
/// In English deadletters says it itself.
constexpr Warned kWarned[] = {
    {"replayed_before", "이미 재처리된 적이 있습니다. 원인을 먼저 확인해 주세요."},
    {"job_cancelled", "취소된 작업에 속하여 재처리해도 발송되지 않습니다."},
    {"too_old", "너무 오래되어 재처리해도 expired로 끝납니다."},
    {"undecodable", "해석할 수 없는 레코드로, 원본 그대로 다시 보내집니다."},
    {"unknown_outcome", "이미 도착했을 수 있어 두 번 발송될 수 있습니다."},
    {"not_open", "이미 처리되었거나 재처리 중이라 제외되었습니다."},
    {"not_replayable", "알림이 아닌 이벤트라 제외되었습니다."},
};

std::string without(std::string_view prefix, const std::string& name) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

boost::json::object item_of(const DeadLetter& letter) {
  return {{"id", without(kLetterPrefix, letter.name())},
          {"notificationId", text_or_null(letter.notification_id())},
          {"channel", letter.channel()},
          {"recipient", text_or_null(letter.recipient())},
          {"reason", letter.reason()},
          {"providerCode", text_or_null(letter.provider_code())},
          {"jobId", text_or_null(without(kJobPrefix, letter.job()))},
          {"attempts", letter.attempts()},
          {"generation", letter.generation()},
          {"diedAt", time_or_null(letter.has_died_time(), letter.died_time())},
          {"state", deadletters::v1::DeadLetter_State_Name(letter.state())}};
}

std::string words_for(const Replay::Warning& warning, http::Language language) {
  const auto* hit = std::find_if(std::begin(kWarned), std::end(kWarned),
                                 [&](const Warned& known) { return known.code == warning.code(); });
  const bool korean = language == http::Language::kKorean && hit != std::end(kWarned);
  return korean ? std::to_string(warning.count()) + "건: " + hit->korean : warning.message();
}

boost::json::value canary_of(const Replay& replay) {
  if (!replay.has_canary()) return nullptr;
  return boost::json::object{{"count", replay.canary().count()},
                             {"minSuccessRatio", replay.canary().min_success_ratio()},
                             {"state", deadletters::v1::Replay_Canaries_Name(replay.canaries())}};
}

}  // namespace

boost::json::object data_of(const deadletters::v1::ListDeadLettersResponse& page) {
  boost::json::array items;
  items.reserve(static_cast<std::size_t>(page.dead_letters_size()));
  for (const auto& letter : page.dead_letters()) items.push_back(item_of(letter));
  return {{"items", std::move(items)}, {"nextPageToken", text_or_null(page.next_page_token())}};
}

boost::json::object data_of(const Replay& replay, http::Language language) {
  boost::json::array counts;
  for (const auto& one : replay.counts())
    counts.push_back(boost::json::object{{"reason", one.reason()}, {"count", one.count()}});
  boost::json::array warnings;
  for (const auto& one : replay.warnings()) {
    warnings.push_back(boost::json::object{
        {"code", one.code()}, {"count", one.count()}, {"message", words_for(one, language)}});
  }
  return {{"replayId", without(kReplayPrefix, replay.name())},
          {"state", deadletters::v1::Replay_State_Name(replay.state())},
          {"digest", replay.digest()},
          {"counts", std::move(counts)},
          {"warnings", std::move(warnings)},
          {"expiresAt", time_or_null(replay.has_expire_time(), replay.expire_time())},
          {"totalCount", replay.total_count()},
          {"waitingCount", replay.waiting_count()},
          {"replayingCount", replay.replaying_count()},
          {"deliveredCount", replay.delivered_count()},
          {"deadAgainCount", replay.dead_again_count()},
          {"skippedCount", replay.skipped_count()},
          {"returnedCount", replay.returned_count()},
          {"sentCount", replay.sent_count()},
          {"ratePerSecond", replay.rate_per_second()},
          {"canary", canary_of(replay)},
          {"createdAt", time_or_null(replay.has_create_time(), replay.create_time())},
          {"startedAt", time_or_null(replay.has_start_time(), replay.start_time())},
          {"completedAt", time_or_null(replay.has_complete_time(), replay.complete_time())},
          {"createdBy", replay.created_by()},
          {"executedBy", text_or_null(replay.executed_by())},
          {"cancelledBy", text_or_null(replay.cancelled_by())}};
}

}  // namespace bongsu::gateway
