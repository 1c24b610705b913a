#include "settings.hpp"

#include <bongsu/host/rate_limit.hpp>
#include <bongsu/host/settings.hpp>

namespace bongsu::kakao {

void bind(config::Section& root, Settings& settings) {
  config::bind(root, settings.channel);
  root.settings("message.api.kakaotalk", settings.api);
  root.settings("message.api.kakaotalk.rate-limit", settings.channel.delivery.rate_limit);
  config::check_call_timeout(root, "message.api.kakaotalk.timeout", settings.api.client.timeout,
                             settings.channel.delivery);
}

}  // namespace bongsu::kakao
