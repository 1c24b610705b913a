#pragma once
#include <bongsu/delivery/channel.hpp>
#include <bongsu/delivery/settings.hpp>
#include <bongsu/events/channel.hpp>
#include <bongsu/host/host.hpp>
#include <bongsu/host/settings.hpp>
#include <bongsu/postgres/settings.hpp>

namespace bongsu::host {

/// What every channel service has: where Kafka and PostgreSQL are, its keys, how it delivers.
struct ChannelSettings {
  KafkaSettings kafka;
  postgres::Settings postgres;
  SecuritySettings security;
  delivery::Settings delivery;
};

/// Which channel a service is.
struct ChannelIdentity {
  events::Channel kind;
  /// Whether it greets new members: user.signed-up is then one of its lanes.
  bool signups = false;
};

/// Delivers until the host is told to stop, then drains. The schema and the consumer group follow from
/// the channel's name.
///
/// Errors: kInvalidArgument, kNotFound (keys, settings that do not fit together).
/// Lifetime: `channel` outlives it.
asio::awaitable<Result<void>> serve(Host& host, ChannelIdentity identity, delivery::Channel& channel,
                                    ChannelSettings settings);

}  // namespace bongsu::host

namespace bongsu::config {

/// At the root of a channel's configuration: kafka, postgres, security, delivery, message.retry.
void bind(Section& root, host::ChannelSettings& settings);
/// retry-delays, unknown-outcome, in-flight-records, in-flight-bytes, ahead-of-watermark, …
void bind(Section& section, delivery::Settings& settings);
/// Refuses a provider's `timeout`, read from `key`, that does not fit into a partition's lease.
void check_call_timeout(Section& section, std::string_view key, std::chrono::milliseconds timeout,
                        const delivery::Settings& settings);

}  // namespace bongsu::config
