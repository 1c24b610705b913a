#pragma once
#include "request_parts.hpp"

#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/http/json.hpp>

#include <string>

/// What administrators ask about dead letters, in deadletters' words. Channels, reasons, times and ids are
/// checked here, so that they are refused under the names that the caller used. Pure.
namespace bongsu::gateway {

inline constexpr std::string_view kLetterPrefix = "deadLetters/";
inline constexpr std::string_view kReplayPrefix = "replays/";
inline constexpr std::string_view kJobPrefix = "jobs/";

/// ?channel=&reason=&jobId=&from=&to=&pageSize=&pageToken=. Problems: 400.
Checked<deadletters::v1::ListDeadLettersRequest> read_list(const http::Request& request);

/// {"filter": {channel | channels, reason | reasons, providerCode | providerCodes, jobId, from, to,
/// recipient, minReplayCount}} or {"ids": […]}. Problems: 400.
Checked<deadletters::v1::CreateReplayRequest> read_plan(const std::string& body);

/// {"digest", "ratePerSecond", "canary": {"count", "minSuccessRatio"}}, for the replay of that id.
/// Problems: 400.
Checked<deadletters::v1::ExecuteReplayRequest> read_execution(std::string_view id, const std::string& body);

}  // namespace bongsu::gateway
