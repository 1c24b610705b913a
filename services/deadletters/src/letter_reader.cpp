#include "letter_reader.hpp"

#include "recipient.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/private.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/progress.hpp>
#include <bongsu/events/reasons.hpp>

#include <algorithm>
#include <limits>

namespace bongsu::deadletters {
namespace {

namespace header = events::header;
namespace reason = events::reason;

constexpr std::size_t kMaxText = 500;
constexpr std::size_t kMaxCode = 100;

/// As PostgreSQL can keep it, and an index: no zero bytes, well-formed, not longer than `most`.
std::string kept(std::string text, std::size_t most) {
  std::erase(text, '\0');
  if (text.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
    text.resize(most);
  }
  return is_utf8(text) ? text : std::string{};
}

std::int32_t bounded(std::uint32_t number) {
  return static_cast<std::int32_t>(std::min<std::uint32_t>(number, std::numeric_limits<std::int32_t>::max()));
}

std::optional<Uuid> uuid_in(const Headers& headers, std::string_view name) {
  const auto text = find(headers, name);
  if (!text) return std::nullopt;
  const auto id = Uuid::parse(*text);
  if (!id) return std::nullopt;
  return *id;
}

void tell_death(const events::Death& death, Letter& letter) {
  letter.provider_code = kept(death.provider_code, kMaxCode);
  letter.message = kept(death.message, kMaxText);
  letter.tries = bounded(death.tries);
  letter.origin_topic = kept(death.topic, kMaxText);
  letter.origin_partition = death.partition;
  letter.origin_offset = death.offset;
  letter.origin_group = kept(death.group, kMaxText);
}

/// A channel's own words about a notification that it could read.
void tell_notification(const Headers& headers, const events::Progress& progress, Letter& letter) {
  letter.first_failed_at = progress.first_failed_at;
  letter.attempts = bounded(progress.attempt);
  letter.job = uuid_in(headers, header::kJobId);
}

}  // namespace

Letter LetterReader::read(const kafka::Message& record) const {
  Letter letter{.died_at = record.timestamp,
                .topic = std::string{record.topic},
                .partition = record.partition,
                .offset = record.offset,
                .size = record.value ? static_cast<std::int32_t>(record.value->size()) : 0};
  if (const auto of = topics_.parse(record.topic)) letter.channel = of->channel;
  const auto death = events::read_death(record.headers);
  const auto why = death ? std::string_view{death->reason}
                         : find(record.headers, header::kReason).value_or(reason::kUndecodable);
  letter.reason = reason::is_known(why) ? why : reason::kUndecodable;
  if (death) tell_death(*death, letter);
  const auto progress = events::read_progress(record.headers);
  // On what came as it was, upstream's own headers of the same names say nothing.
  const bool ours = death && !topics_.upstream_may_write(death->topic);
  if (ours) letter.previous = uuid_in(record.headers, header::kLetterId);
  if (progress && (ours || letter.reason != reason::kUndecodable))
    letter.generation = bounded(progress->generation);

  const auto notification = uuid_in(record.headers, header::kNotificationId);
  if (death && progress && notification && letter.reason != reason::kUndecodable) {
    letter.notification_id = notification;
    letter.id = events::letter_id(*notification, progress->generation);
    tell_notification(record.headers, *progress, letter);
    read_value(record, letter);
  } else if (death) {
    letter.id = events::letter_id(record.topic, death->topic, death->partition, death->offset);
  } else {
    letter.id = events::letter_id(record.topic, record.topic, record.partition, record.offset);
  }
  return letter;
}

void LetterReader::read_value(const kafka::Message& record, Letter& letter) const {
  const auto opened = open(record);
  if (!opened) return;
  const auto& recipient = opened->content.recipient();
  const auto& searched = recipient.empty() ? opened->request.member_id() : recipient;
  if (!searched.empty()) letter.recipient_hash = recipient_hash(hash_, searched);
  if (!recipient.empty()) letter.recipient = kept(Recipient{recipient}.masked(), kMaxText);
}

Result<OpenedRequest> LetterReader::open(const kafka::Message& record) const {
  const auto type = events::check_headers(record.headers, events::type::kNotificationRequested);
  if (!type) return std::unexpected(type.error());
  auto request = events::decode<events::v1::NotificationRequest>(record.value, *type);
  if (!request) return std::unexpected(request.error());
  OpenedRequest opened{.request = std::move(*request), .content = {}};
  if (opened.request.sealed().empty()) {
    opened.content.set_recipient(opened.request.recipient());
    opened.content.set_subject(opened.request.subject());
    opened.content.set_text(opened.request.content());
    opened.content.set_fallback_recipient(opened.request.fallback().recipient());
    return opened;
  }
  const auto id = Uuid::parse(opened.request.id());
  if (!id) return fail(ErrorCode::kInvalidArgument, "the request's id is no UUID");
  const auto plain = box_.open(opened.request.sealed(), *id, events::type::kNotificationRequested);
  if (!plain) return std::unexpected(plain.error());
  if (!opened.content.ParseFromString(*plain))
    return fail(ErrorCode::kInvalidArgument, "the sealed request cannot be read");
  return opened;
}

}  // namespace bongsu::deadletters
