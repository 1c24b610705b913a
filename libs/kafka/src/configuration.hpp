#pragma once
#include "handle.hpp"

#include <bongsu/core/error.hpp>
#include <bongsu/kafka/settings.hpp>

#include <optional>
#include <string_view>

namespace bongsu::kafka {

/// librdkafka's configuration while it is put together. The first refusal is kept and told by create().
class Configuration {
 public:
  /// Brokers, name, security, reconnecting and logs: what every client of ours has in common.
  explicit Configuration(const ClusterSettings& cluster);

  Configuration& set(const char* name, std::string_view value);
  Configuration& set(const char* name, std::int64_t value);
  /// Bitmask of RD_KAFKA_EVENT_* beyond errors and logs.
  Configuration& events(int mask);

  /// Errors: kInvalidArgument.
  Result<ClientHandle> create(rd_kafka_type_t type) &&;

 private:
  ConfHandle conf_;
  std::optional<Error> refusal_;
};

Configuration configuration_of(const ProducerSettings& settings);
Configuration configuration_of(const ConsumerSettings& settings);
/// Of a consumer without a group.
Configuration reader_configuration_of(const ClusterSettings& settings);

}  // namespace bongsu::kafka
