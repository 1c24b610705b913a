#include "settings.hpp"

#include <bongsu/host/settings.hpp>

namespace bongsu::kakao {

void bind(config::Section& root, Settings& settings) {
  config::bind(root, settings.channel);
  root.settings("message.api.kakaotalk", settings.api);
  const auto& delivery = settings.channel.delivery;
  if (settings.api.client.timeout > delivery.lease - delivery.renewal)
    root.refuse("message.api.kakaotalk.timeout", "does not fit into a partition's lease less a renewal");
}

}  // namespace bongsu::kakao
