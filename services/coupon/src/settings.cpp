#include "settings.hpp"

#include <bongsu/host/rate_limit.hpp>
namespace bongsu::coupon {

void bind(config::Section& root, Settings& settings) {
  config::bind(root, settings.channel);
  root.settings("rate-limit", settings.channel.delivery.rate_limit);
  auto coupon = root.section("coupon");
  coupon.text("signup-campaign", settings.signup_campaign, config::Presence::kRequired);
  coupon.duration("timeout", settings.timeout, std::chrono::milliseconds{100}, std::chrono::minutes{1});
  config::check_call_timeout(coupon, "timeout", settings.timeout, settings.channel.delivery);
  // A coupon waits for the batch before its own and then for its own, each up to the statement's timeout
  // and the pool's margin.
  if (settings.timeout < 2 * (settings.channel.postgres.statement_timeout + std::chrono::milliseconds{250}))
    coupon.refuse("timeout", "is shorter than two statements of postgres.statement-timeout");
}

}  // namespace bongsu::coupon
