#include "dlq/letter_choice.hpp"

#include <google/protobuf/util/time_util.h>

namespace bongsu::ctl {
namespace {

using deadletters::v1::DeadLetter;
using deadletters::v1::Filter;

constexpr std::string_view kJobPrefix = "jobs/";

std::string with(std::string_view prefix, std::string_view id) {
  return id.starts_with(prefix) ? std::string{id} : std::string{prefix}.append(id);
}

/// "2026-11-21T03:00:00+09:00", or "2h": two hours ago.
Result<google::protobuf::Timestamp> read_time(const std::string& text, const char* option, Timestamp now) {
  auto time = parse_rfc3339(text);
  if (!time) {
    const auto ago = parse_duration(text);
    if (!ago) {
      return fail(ErrorCode::kInvalidArgument,
                  std::string{option} + ": " + text +
                      " is neither a time such as 2026-11-21T03:00:00+09:00 nor so long ago, as 2h");
    }
    time = now - *ago;
  }
  return google::protobuf::util::TimeUtil::MillisecondsToTimestamp(time->time_since_epoch().count());
}

Result<void> read_times(const LetterChoice& choice, Timestamp now, Filter& filter) {
  if (!choice.from.empty()) {
    auto from = read_time(choice.from, "--from", now);
    if (!from) return std::unexpected(from.error());
    *filter.mutable_from() = std::move(*from);
  }
  if (!choice.to.empty()) {
    auto to = read_time(choice.to, "--to", now);
    if (!to) return std::unexpected(to.error());
    *filter.mutable_to() = std::move(*to);
  }
  return {};
}

}  // namespace

bool LetterChoice::has_filter() const {
  return !(channels.empty() && reasons.empty() && provider_codes.empty() && states.empty() && job.empty() &&
           from.empty() && to.empty() && recipient.empty() && replay.empty() && notification.empty() &&
           min_replay_count == 0);
}

Result<Filter> filter_of(const LetterChoice& choice, Timestamp now) {
  Filter filter;
  *filter.mutable_channels() = {choice.channels.begin(), choice.channels.end()};
  *filter.mutable_reasons() = {choice.reasons.begin(), choice.reasons.end()};
  *filter.mutable_provider_codes() = {choice.provider_codes.begin(), choice.provider_codes.end()};
  for (const auto& name : choice.states) {
    DeadLetter::State state{};
    if (!DeadLetter::State_Parse(name, &state) || state == DeadLetter::STATE_UNSPECIFIED) {
      return fail(ErrorCode::kInvalidArgument, name + " is no state of a letter: one of OPEN, REPLAYING, " +
                                                   "DELIVERED, DEAD_AGAIN, DISCARDED");
    }
    filter.add_states(state);
  }
  if (!choice.job.empty()) filter.set_job(with(kJobPrefix, choice.job));
  if (!choice.replay.empty()) filter.set_replay(replay_name(choice.replay));
  filter.set_recipient(choice.recipient);
  filter.set_notification_id(choice.notification);
  filter.set_min_replay_count(choice.min_replay_count);
  if (auto read = read_times(choice, now, filter); !read) return std::unexpected(read.error());
  return filter;
}

std::string letter_name(std::string_view id) { return with(kLetterPrefix, id); }
std::string replay_name(std::string_view id) { return with(kReplayPrefix, id); }

std::string without_prefix(std::string_view prefix, std::string_view name) {
  return std::string{name.starts_with(prefix) ? name.substr(prefix.size()) : name};
}

}  // namespace bongsu::ctl
