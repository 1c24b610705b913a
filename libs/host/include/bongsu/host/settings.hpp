#pragma once
#include <bongsu/core/log.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/host/config.hpp>
#include <bongsu/http/api.hpp>
#include <bongsu/http/server.hpp>
#include <bongsu/kafka/settings.hpp>
#include <bongsu/postgres/settings.hpp>
#include <bongsu/security/token.hpp>

#include <chrono>
#include <string>

/// How settings that more than one service has are called. A service names the section:
///   section.settings("postgres", settings.postgres);
namespace bongsu::host {

/// section `kafka`
struct KafkaSettings {
  kafka::ClusterSettings cluster;
  std::string topic_prefix = "bongsu.";

  events::Topics topics() const { return events::Topics{topic_prefix}; }
  /// The consumer group of a service.
  std::string group(std::string_view service) const { return topic_prefix + std::string{service}; }
  kafka::ProducerSettings producer() const { return {.cluster = cluster}; }
};

/// section `security`: files of keys, in the form that libs/security reads
struct SecuritySettings {
  std::string box_key_file;
  std::string hash_key_file;
};

/// section `log`, read by the host itself
struct LogSettings {
  log::Level level = log::Level::kInfo;
};

/// section `management`, read by the host itself
struct ManagementSettings {
  std::string address = "127.0.0.1:0";
  std::chrono::milliseconds drain_limit = std::chrono::seconds{25};
};

}  // namespace bongsu::host

namespace bongsu::config {

/// brokers, topic-prefix, client-id, security.* (librdkafka's properties)
void bind(Section& section, host::KafkaSettings& settings);
/// uri, password or password-file, connections, connect-timeout, statement-timeout. The schema and the
/// application's name are the service's to set.
void bind(Section& section, postgres::Settings& settings);
/// address, max-connections, idle-timeout, header-timeout, body-timeout
void bind(Section& section, http::ServerSettings& settings);
/// base-url, auth.username, auth.password or auth.password-file, connections, timeout, idle-timeout, ca-file
void bind(Section& section, http::ApiSettings& settings);
/// box-key-file, hash-key-file
void bind(Section& section, host::SecuritySettings& settings);
/// keys-dir, issuer, audience
void bind(Section& section, security::TokenSettings& settings);
/// level
void bind(Section& section, host::LogSettings& settings);
/// address, drain-limit
void bind(Section& section, host::ManagementSettings& settings);

}  // namespace bongsu::config
