#include "coupon_channel.hpp"

#include <bongsu/core/bytes.hpp>

#include <string_view>

namespace bongsu::coupon {
namespace {

constexpr std::size_t kLongestId = 255;

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId && is_utf8(text) &&
         text.find('\0') == std::string_view::npos;
}

}  // namespace

CouponChannel::CouponChannel(CouponStore& store, std::string signup_campaign,
                             std::chrono::milliseconds timeout)
    : store_(store), signup_campaign_(std::move(signup_campaign)), timeout_(timeout) {}

Result<void> CouponChannel::validate(const delivery::Notification& notification) const {
  if (!is_id(notification.member_id))
    return fail(ErrorCode::kInvalidArgument, "coupon: it takes a member of 1 to 255 bytes", "member_id");
  if (!is_id(notification.campaign_id))
    return fail(ErrorCode::kInvalidArgument, "coupon: it takes a campaign of 1 to 255 bytes", "campaign_id");
  return {};
}

asio::awaitable<Result<delivery::Receipt>> CouponChannel::send(const delivery::Notification& notification) {
  auto coupon =
      co_await store_.issue({.user_id = notification.member_id, .campaign_id = notification.campaign_id});
  if (!coupon) {
    // The mistake is in the request: for the caller it is a rule broken, not a recipient missing.
    if (coupon.error().code == ErrorCode::kNotFound) coupon.error().code = ErrorCode::kInvalidArgument;
    co_return std::unexpected(std::move(coupon.error()));
  }
  co_return delivery::Receipt{.provider_id = coupon->str()};
}

asio::awaitable<Result<void>> CouponChannel::probe() { return store_.probe(); }

std::optional<delivery::Greeting> CouponChannel::greet(const delivery::Signup& signup) const {
  return delivery::Greeting{.recipient = Recipient{signup.email.reveal()},
                            .subject = {},
                            .text = {},
                            .html = {},
                            .campaign_id = signup_campaign_};
}

}  // namespace bongsu::coupon
