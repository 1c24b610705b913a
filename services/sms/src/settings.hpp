#pragma once
#include <bongsu/host/channel.hpp>
#include <bongsu/host/config.hpp>
#include <bongsu/http/api.hpp>

namespace bongsu::sms {

/// Every key, its default and its meaning stand in config.yaml.
struct Settings {
  host::ChannelSettings channel{.delivery = {.rate_limit = {.policy = {.per_minute = 500}}}};
  http::ApiSettings api{.base_url = "http://127.0.0.1:8082",
                        .username = "autoever",
                        .password = "5678",
                        .client = {.connections = 1000}};
};

void bind(config::Section& root, Settings& settings);

}  // namespace bongsu::sms
