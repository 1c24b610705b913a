#pragma once
#include <string_view>

/// The values of ce_type.
namespace bongsu::events::type {

inline constexpr std::string_view kUserSignedUp = "bongsu.user.signed_up.v1";
inline constexpr std::string_view kNotificationRequested = "bongsu.notification.requested.v1";
inline constexpr std::string_view kDeliveryResult = "bongsu.delivery.result.v1";
inline constexpr std::string_view kBulkRequested = "bongsu.bulk.requested.v1";
inline constexpr std::string_view kBulkPlanned = "bongsu.bulk.planned.v1";
inline constexpr std::string_view kJobControl = "bongsu.job.control.v1";
inline constexpr std::string_view kDeadLetterEvent = "bongsu.deadletter.event.v1";
inline constexpr std::string_view kAlert = "bongsu.ops.alert.v1";

}  // namespace bongsu::events::type
