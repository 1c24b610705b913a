#pragma once
#include <bongsu/host/channel.hpp>
#include <bongsu/host/config.hpp>

#include <chrono>
#include <string>

namespace bongsu::coupon {

/// Every key, its default and its meaning stand in config.yaml.
struct Settings {
  host::ChannelSettings channel;
  std::string signup_campaign = "welcome";
  std::chrono::milliseconds timeout{4000};
};

void bind(config::Section& root, Settings& settings);

}  // namespace bongsu::coupon
