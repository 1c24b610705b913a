#pragma once
#include <string_view>

namespace bongsu::host {

/// services/NAME/config.yaml as it was at build time. Defined in each service's binary by
/// bongsu_embed_configuration (libs/host/configuration.cmake); weak, for a test that links the library
/// has none.
[[gnu::weak]] std::string_view embedded_configuration();

}  // namespace bongsu::host
