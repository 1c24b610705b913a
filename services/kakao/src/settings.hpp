#pragma once
#include <bongsu/host/channel.hpp>
#include <bongsu/host/config.hpp>
#include <bongsu/http/api.hpp>

namespace bongsu::kakao {

/// Every key, its default and its meaning stand in config.yaml.
struct Settings {
  host::ChannelSettings channel{.delivery = {.rate_limit = {.policy = {.per_minute = 100}}}};
  http::ApiSettings api{.base_url = "http://127.0.0.1:8081",
                        .username = "autoever",
                        .password = "1234",
                        .client = {.connections = 1000}};
};

void bind(config::Section& root, Settings& settings);

}  // namespace bongsu::kakao
