#include "settings.hpp"

#include <bongsu/host/rate_limit.hpp>
#include <bongsu/host/settings.hpp>

namespace bongsu::sms {

void bind(config::Section& root, Settings& settings) {
  config::bind(root, settings.channel);
  root.settings("message.api.sms", settings.api);
  settings.channel.delivery.rate_limit.policy.per_minute = 500;
  root.settings("message.api.sms.rate-limit", settings.channel.delivery.rate_limit);
  const auto& delivery = settings.channel.delivery;
  if (settings.api.client.timeout > delivery.lease - delivery.renewal)
    root.refuse("message.api.sms.timeout", "does not fit into a partition's lease less a renewal");
}

}  // namespace bongsu::sms
