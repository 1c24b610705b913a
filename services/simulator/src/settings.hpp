#pragma once
#include <bongsu/host/config.hpp>
#include <bongsu/http/server.hpp>

namespace bongsu::simulator {

/// Every key, its default and its meaning stand in config.yaml.
struct Settings {
  http::ServerSettings kakao{.port = 8081, .max_connections = 16384};
  http::ServerSettings sms{.port = 8082, .max_connections = 16384};
  http::ServerSettings control{.port = 8090};
  std::size_t kept_messages = 1'000'000;
  std::size_t kept_bytes = 512U << 20;
  std::uint64_t seed = 1;
};

void bind(config::Section& root, Settings& settings);

}  // namespace bongsu::simulator
