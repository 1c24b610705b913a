#pragma once
#include "acceptor.hpp"
#include "bulk/expander.hpp"

#include <bongsu/host/settings.hpp>
#include <bongsu/http/server.hpp>
#include <bongsu/postgres/settings.hpp>
#include <bongsu/security/token.hpp>

#include <chrono>

namespace bongsu::gateway {

struct Settings {
  http::ServerSettings http;
  postgres::Settings postgres;
  host::KafkaSettings kafka;
  host::SecuritySettings security;
  security::TokenSettings tokens;
  GroupCommitSettings group_commit;
  std::chrono::milliseconds key_retention = std::chrono::days{7};
  ExpanderSettings expansion;
  std::string jobs_address = "127.0.0.1:50051";         ///< of the jobs service
  std::string deadletters_address = "127.0.0.1:50052";  ///< of the deadletters service
};

/// http, postgres, kafka, security, jwt, group-commit, idempotency, bulk, jobs, deadletters
void bind(config::Section& section, Settings& settings);

}  // namespace bongsu::gateway
