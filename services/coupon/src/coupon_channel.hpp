#pragma once
#include "coupon_store.hpp"

#include <bongsu/delivery/channel.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace bongsu::coupon {

/// Gives a member a coupon of a campaign; the provider is our own store. Every signup gets one of
/// `signup_campaign`.
///
/// Errors: invalid (no member, no such campaign), exhausted (out of stock), else those of CouponStore.
/// Delivery: a member who has a coupon of the campaign keeps it, and that counts as success: asking
///   again is harmless whatever became of the first time.
/// Privacy: a code is as good as the coupon. It stays in the store; results name the coupon's id.
/// Threads: the io_context's one thread. Lifetime: `store` outlives the channel.
class CouponChannel final : public delivery::Channel {
 public:
  CouponChannel(CouponStore& store, std::string signup_campaign, std::chrono::milliseconds timeout);

  Result<void> validate(const delivery::Notification& notification) const override;
  asio::awaitable<Result<delivery::Receipt>> send(const delivery::Notification& notification) override;
  asio::awaitable<Result<void>> probe() override;
  std::chrono::milliseconds timeout() const override { return timeout_; }
  std::optional<delivery::Greeting> greet(const delivery::Signup& signup) const override;

 private:
  CouponStore& store_;
  std::string signup_campaign_;
  std::chrono::milliseconds timeout_;
};

}  // namespace bongsu::coupon
