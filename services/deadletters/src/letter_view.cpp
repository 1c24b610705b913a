#include "letter_view.hpp"

#include "filter.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/private.hpp>
#include <bongsu/events/codec.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace bongsu::deadletters {
namespace {

/// Of a value's bytes so many are shown.
constexpr std::size_t kShownBytes = 64UL << 10U;

std::string shown_text(const std::string& bytes) {
  std::string text;
  if (is_utf8(bytes) && bytes.find('\0') == std::string::npos) return bytes;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte >= 0x20 && byte < 0x7F && c != '\\' ? std::string(1, c) : fmt::format("\\x{:02X}", byte);
  }
  return text;
}

template <class Private>
std::string shown(const std::string& text, bool revealed) {
  if (text.empty() || revealed) return text;
  return Private{text}.masked();
}

void show_request(v1::Value& value, const OpenedRequest& opened, bool revealed) {
  const auto& [request, content] = opened;
  value.set_recipient(shown<Recipient>(content.recipient(), revealed));
  value.set_subject(shown<PrivateText>(content.subject(), revealed));
  value.set_content(shown<PrivateText>(content.text(), revealed));
  value.set_fallback_recipient(shown<Recipient>(content.fallback_recipient(), revealed));
  value.set_member_id(request.member_id());
  value.set_campaign_id(request.campaign_id());
  value.set_purpose(request.purpose());
  value.set_fallback_channel(request.fallback().channel());
  if (request.has_requested_at()) *value.mutable_request_time() = request.requested_at();
  if (request.has_expires_at()) *value.mutable_expire_time() = request.expires_at();
}

void show_bytes(v1::Value& value, std::string_view bytes) {
  const auto some = bytes.substr(0, kShownBytes);
  value.set_hex(to_hex(some));
  value.set_text(printable(some));
  value.set_truncated(some.size() < bytes.size());
}

v1::HistoryEntry death_of(const LetterRow& row) {
  v1::HistoryEntry entry;
  *entry.mutable_time() = events::to_proto(row.letter.died_at);
  entry.set_event("DIED");
  entry.set_generation(row.letter.generation);
  entry.set_reason(row.letter.reason);
  return entry;
}

v1::HistoryEntry entry_of(const Decision& decision) {
  v1::HistoryEntry entry;
  *entry.mutable_time() = events::to_proto(decision.time);
  entry.set_event(events::v1::DeadLetterEvent::Kind_Name(decision.kind));
  entry.set_generation(decision.generation);
  if (decision.replay) entry.set_replay("replays/" + decision.replay->str());
  entry.set_actor(decision.actor);
  entry.set_reason(decision.reason);
  return entry;
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string text{bytes};
  std::ranges::replace_if(
      text,
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F; },
      '.');
  if (is_utf8(text)) return text;
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '.');
  return text;
}

std::string name_of_channel(std::optional<events::Channel> channel) {
  return channel ? std::string{events::upper_name_of(*channel)} : "EVENTS";
}

v1::DeadLetter view_of(const LetterRow& row) {
  const auto& its = row.letter;
  v1::DeadLetter letter;
  letter.set_name(name_of_letter(its.id));
  if (its.notification_id) letter.set_notification_id(its.notification_id->str());
  letter.set_channel(name_of_channel(its.channel));
  letter.set_recipient(its.recipient);
  letter.set_reason(its.reason);
  letter.set_provider_code(its.provider_code);
  if (its.job) letter.set_job("jobs/" + its.job->str());
  letter.set_attempts(its.attempts);
  letter.set_generation(its.generation);
  if (its.first_failed_at) *letter.mutable_first_failed_time() = events::to_proto(*its.first_failed_at);
  *letter.mutable_died_time() = events::to_proto(its.died_at);
  letter.set_state(row.state);
  letter.set_replay_count(row.replays);
  if (row.replay) letter.set_replay("replays/" + row.replay->str());
  letter.set_tries(its.tries);
  letter.set_topic(its.topic);
  letter.set_partition(its.partition);
  letter.set_offset(its.offset);
  letter.set_error_message(its.message);
  letter.set_origin_topic(its.origin_topic);
  letter.set_origin_partition(its.origin_partition);
  letter.set_origin_offset(its.origin_offset);
  letter.set_origin_group(its.origin_group);
  return letter;
}

void show_headers(v1::DeadLetter& letter, const Headers& headers) {
  for (const auto& header : headers) {
    auto& shown = *letter.add_headers();
    shown.set_name(shown_text(header.name));
    shown.set_value(shown_text(header.value));
  }
}

void show_value(v1::DeadLetter& letter, const LetterReader& reader, const kafka::Message& record,
                bool revealed) {
  auto& value = *letter.mutable_value();
  const std::string_view bytes = record.value ? std::string_view{*record.value} : std::string_view{};
  value.set_size_bytes(static_cast<std::int64_t>(bytes.size()));
  value.set_revealed(revealed);
  const auto opened = reader.open(record);
  if (opened) {
    show_request(value, *opened, revealed);
    if (revealed) letter.set_recipient(value.recipient());
  } else {
    value.set_unreadable_because(opened.error().message);
  }
  // Nothing can be read from sealed bytes; any others may be somebody's clear text.
  const bool sealed = opened && !opened->request.sealed().empty();
  if (sealed || revealed) show_bytes(value, bytes);
}

void show_history(v1::DeadLetter& letter, const std::vector<LetterRow>& generations,
                  const std::vector<Decision>& decisions) {
  std::vector<v1::HistoryEntry> entries;
  for (const auto& row : generations) {
    entries.push_back(death_of(row));
    for (const auto& decision : decisions) {
      if (decision.letter == row.letter.id) entries.push_back(entry_of(decision));
    }
  }
  // At one moment they stay as they are: a death comes before what was decided about it.
  std::vector<std::tuple<std::int64_t, std::int32_t, std::size_t>> order;
  order.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i)
    order.emplace_back(entries[i].time().seconds(), entries[i].time().nanos(), i);
  std::ranges::sort(order);
  for (const auto& [seconds, nanos, place] : order) *letter.add_history() = std::move(entries[place]);
}

}  // namespace bongsu::deadletters
