#include "replay_record.hpp"

#include <bongsu/core/phone.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/progress.hpp>
#include <bongsu/events/v1/notification.pb.h>

#include <algorithm>
#include <array>

namespace bongsu::deadletters {
namespace {

namespace header = events::header;

constexpr std::string_view kRepairType = "bongsu.deadletters.repair.v1";
constexpr std::size_t kMaxAddress = 254;

/// What an earlier generation left behind, and would only mislead.
constexpr std::array kOfADeath{header::kDueAt,        header::kFirstFailedAt, header::kReason,
                               header::kProviderCode, header::kErrorTopic,    header::kErrorPartition,
                               header::kErrorOffset,  header::kErrorGroup,    header::kErrorDeliveryCount,
                               header::kErrorMessage, header::kReplayId,      header::kLetterId};

/// One box, one place: not another letter's, and not another replay's.
Uuid place_of(const Uuid& replay, const Uuid& letter) {
  return Uuid::v8(replay.time(), replay.str() + "/" + letter.str());
}

std::optional<Uuid> notification_of(const kafka::Message& message) {
  const auto text = find(message.headers, header::kNotificationId);
  if (!text) return std::nullopt;
  const auto id = Uuid::parse(*text);
  return id ? std::optional{*id} : std::nullopt;
}

}  // namespace

bool is_record_of(const Letter& letter, const kafka::Message& message) {
  const auto id = notification_of(message);
  if (letter.notification_id && id && *id != *letter.notification_id) return false;
  // What nobody could decode has no name but where it was read; a death of another place is another letter.
  const auto death = events::read_death(message.headers);
  return !death || (death->topic == letter.origin_topic && death->partition == letter.origin_partition &&
                    death->offset == letter.origin_offset);
}

kafka::Record replay_record(const events::Topics& topics, const Letter& letter, kafka::Message message,
                            const Uuid& replay, std::int32_t generation) {
  kafka::Record record;
  record.topic = topics.replay(letter.channel.value());
  record.key = std::move(message.key);
  record.null_value = !message.value.has_value();
  record.value = std::move(message.value).value_or("");
  record.headers = std::move(message.headers);
  std::erase_if(record.headers, [](const Header& one) {
    return std::ranges::any_of(kOfADeath, [&](std::string_view name) { return one.name == name; });
  });
  events::write(record.headers, events::Progress{.generation = static_cast<std::uint32_t>(generation)});
  set(record.headers, header::kReplayId, replay.str());
  set(record.headers, header::kLetterId, letter.id.str());
  return record;
}

std::string seal_recipient(const Recipient& recipient, const Uuid& replay, const Uuid& letter,
                           const security::SealedBox& box, Random& random) {
  return box.seal(recipient.reveal(), place_of(replay, letter), kRepairType, random);
}

Result<Recipient> open_recipient(std::string_view sealed, const Uuid& replay, const Uuid& letter,
                                 const security::SealedBox& box) {
  auto plain = box.open(sealed, place_of(replay, letter), kRepairType);
  if (!plain) return std::unexpected(plain.error());
  return Recipient{std::move(*plain)};
}

Result<std::string> repaired(std::string_view value, const Recipient& recipient, std::int32_t generation,
                             const security::SealedBox& box, Random& random) {
  auto request = events::decode<events::v1::NotificationRequest>(value, events::ContentType::kProtobuf);
  if (!request) return std::unexpected(request.error());
  const auto id = Uuid::parse(request->id());
  if (!id) return std::unexpected(id.error());
  const auto plain = box.open(request->sealed(), *id, events::type::kNotificationRequested);
  if (!plain) return std::unexpected(plain.error());
  events::v1::NotificationPrivate content;
  if (!content.ParseFromString(*plain))
    return fail(ErrorCode::kInvalidArgument, "the sealed request cannot be read");
  // A fallback without an address of its own goes to the new one as well.
  content.set_recipient(recipient.reveal());
  request->set_sealed(
      box.seal(content.SerializeAsString(), *id, events::type::kNotificationRequested, random));
  request->set_repair(static_cast<std::uint32_t>(generation));
  return events::encode(*request);
}

Result<void> check_recipient(events::Channel channel, const Recipient& recipient) {
  const auto& text = recipient.reveal();
  if (channel == events::Channel::kCoupon)
    return fail(ErrorCode::kInvalidArgument, "a coupon goes to a member, and has no other recipient");
  if (channel == events::Channel::kEmail) {
    const auto at = text.find('@');
    const bool blank = text.find_first_of(" \t\r\n<>,;\"") != std::string::npos;
    if (at == std::string::npos || at == 0 || at + 1 == text.size() ||
        text.find('@', at + 1) != std::string::npos || blank || text.size() > kMaxAddress)
      return fail(ErrorCode::kInvalidArgument, "an email letter needs an address such as name@example.com");
    return {};
  }
  if (!is_phone_number(text))
    return fail(ErrorCode::kInvalidArgument, "a message letter needs a phone number such as 010-1234-5678");
  return {};
}

}  // namespace bongsu::deadletters
