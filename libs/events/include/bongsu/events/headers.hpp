#pragma once
#include <string_view>

/// The names of the headers of our records. Values are UTF-8 text; ours are written over and never
/// piled up (bongsu::set). On topics that upstream may write they are ignored: there the value decides.
namespace bongsu::events::header {

// CloudEvents 1.0, Kafka binary mode
inline constexpr std::string_view kSpecVersion = "ce_specversion";
inline constexpr std::string_view kId = "ce_id";
inline constexpr std::string_view kSource = "ce_source";
inline constexpr std::string_view kType = "ce_type";
inline constexpr std::string_view kTime = "ce_time";
inline constexpr std::string_view kContentType = "content-type";
inline constexpr std::string_view kTraceparent = "traceparent";

inline constexpr std::string_view kNotificationId = "bongsu-notification-id";
inline constexpr std::string_view kGeneration = "bongsu-generation";
inline constexpr std::string_view kAttempt = "bongsu-attempt";
inline constexpr std::string_view kRound = "bongsu-round";
inline constexpr std::string_view kDueAt = "bongsu-due-at";
inline constexpr std::string_view kFirstFailedAt = "bongsu-first-failed-at";
inline constexpr std::string_view kReason = "bongsu-reason";
inline constexpr std::string_view kProviderCode = "bongsu-provider-code";
inline constexpr std::string_view kJobId = "bongsu-job-id";
inline constexpr std::string_view kPage = "bongsu-page";
inline constexpr std::string_view kIndex = "bongsu-index";
inline constexpr std::string_view kReplayId = "bongsu-replay-id";
/// The dead letter that a replay sent. From there it goes along to the result, the fallback and the next
/// dead letter, so that its outcome can be told even where nobody could decode it.
inline constexpr std::string_view kLetterId = "bongsu-letter-id";

// On dead letters: where the record was last read, and why it died.
inline constexpr std::string_view kErrorTopic = "__dlq.errors.topic";
inline constexpr std::string_view kErrorPartition = "__dlq.errors.partition";
inline constexpr std::string_view kErrorOffset = "__dlq.errors.offset";
inline constexpr std::string_view kErrorGroup = "__dlq.errors.group";
inline constexpr std::string_view kErrorDeliveryCount = "__dlq.errors.delivery.count";
inline constexpr std::string_view kErrorMessage = "__dlq.errors.message";

}  // namespace bongsu::events::header
