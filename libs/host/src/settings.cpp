#include <bongsu/host/settings.hpp>

namespace bongsu::config {

using namespace std::chrono_literals;

void bind(Section& section, host::KafkaSettings& settings) {
  section.text("brokers", settings.cluster.brokers, Presence::kRequired);
  section.text("topic-prefix", settings.topic_prefix);
  section.text("client-id", settings.cluster.client_id, Presence::kRequired);
  section.table("security", settings.cluster.security);
}

void bind(Section& section, postgres::Settings& settings) {
  section.uri("uri", settings.uri, Presence::kRequired);
  section.secret("password", settings.password);
  section.number("connections", settings.connections, 1, 64);
  section.duration("connect-timeout", settings.connect_timeout, 100ms, 1min);
  section.duration("statement-timeout", settings.statement_timeout, 100ms, 1min);
}

void bind(Section& section, http::ServerSettings& settings) {
  const bool v6 = settings.host.find(':') != std::string::npos;
  auto address = (v6 ? "[" + settings.host + "]" : settings.host) + ":" + std::to_string(settings.port);
  section.address("address", address, Presence::kRequired);
  if (const auto parsed = parse_address(address)) {
    settings.host = parsed->host;
    settings.port = parsed->port;
  }
  section.number("max-connections", settings.max_connections, 1, 100'000);
  section.duration("idle-timeout", settings.idle_timeout, 1s, 1h);
  section.duration("header-timeout", settings.header_timeout, 1s, 1h);
  section.duration("body-timeout", settings.body_timeout, 1s, 1h);
}

void bind(Section& section, http::ApiSettings& settings) {
  section.uri("base-url", settings.base_url, Presence::kRequired);
  if (const auto url = http::Url::parse(settings.base_url); !url)
    section.refuse("base-url", url.error().message);
  section.text("auth.username", settings.username);
  section.secret("auth.password", settings.password);
  section.number("connections", settings.client.connections, 1, 100'000);
  section.duration("timeout", settings.client.timeout, 100ms, 1min);
  section.duration("idle-timeout", settings.client.idle_timeout, 100ms, 1h);
  section.file("ca-file", settings.client.ca_file);
}

void bind(Section& section, host::SecuritySettings& settings) {
  section.file("box-key-file", settings.box_key_file, Presence::kRequired);
  section.file("hash-key-file", settings.hash_key_file, Presence::kRequired);
}

void bind(Section& section, security::TokenSettings& settings) {
  section.file("keys-dir", settings.keys_folder, Presence::kRequired);
  section.text("issuer", settings.issuer, Presence::kRequired);
  section.text("audience", settings.audience, Presence::kRequired);
}

void bind(Section& section, host::LogSettings& settings) {
  section.choice("level", settings.level,
                 {{"debug", log::Level::kDebug},
                  {"info", log::Level::kInfo},
                  {"warning", log::Level::kWarning},
                  {"error", log::Level::kError}});
}

void bind(Section& section, host::ManagementSettings& settings) {
  section.address("address", settings.address, Presence::kRequired);
  section.duration("drain-limit", settings.drain_limit, 100ms, 10min);
}

}  // namespace bongsu::config
