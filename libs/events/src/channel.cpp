#include <bongsu/core/assert.hpp>
#include <bongsu/events/channel.hpp>

namespace bongsu::events {
namespace {

struct Names {
  Channel channel;
  std::string_view name;
  std::string_view upper;
  v1::Channel proto;
};
constexpr Names kNames[] = {{Channel::kEmail, "email", "EMAIL", v1::EMAIL},
                            {Channel::kCoupon, "coupon", "COUPON", v1::COUPON},
                            {Channel::kKakao, "kakao", "KAKAO", v1::KAKAO},
                            {Channel::kSms, "sms", "SMS", v1::SMS}};

const Names& names_of(Channel channel) {
  const auto at = static_cast<std::size_t>(channel);
  require(at < std::size(kNames), "a channel of the enumeration");
  return kNames[at];
}

}  // namespace

std::string_view name_of(Channel channel) { return names_of(channel).name; }
std::string_view upper_name_of(Channel channel) { return names_of(channel).upper; }
v1::Channel to_proto(Channel channel) { return names_of(channel).proto; }

Result<Channel> parse_channel(std::string_view text) {
  for (const auto& known : kNames) {
    if (text == known.name || text == known.upper) return known.channel;
  }
  return fail(ErrorCode::kInvalidArgument, "not a channel: one of EMAIL, COUPON, KAKAO, SMS");
}

Result<Channel> from_proto(v1::Channel channel) {
  for (const auto& known : kNames) {
    if (channel == known.proto) return known.channel;
  }
  return fail(ErrorCode::kInvalidArgument, "no channel, or one of a later version");
}

std::string_view name_of(Purpose purpose) {
  return purpose == Purpose::kMarketing ? "MARKETING" : "TRANSACTIONAL";
}

Result<Purpose> parse_purpose(std::string_view text) {
  if (text.empty() || text == name_of(Purpose::kTransactional)) return Purpose::kTransactional;
  if (text == name_of(Purpose::kMarketing)) return Purpose::kMarketing;
  return fail(ErrorCode::kInvalidArgument, "not a purpose: TRANSACTIONAL or MARKETING");
}

}  // namespace bongsu::events
