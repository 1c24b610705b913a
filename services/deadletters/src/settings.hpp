#pragma once
#include "replay/replay_settings.hpp"

#include <bongsu/host/settings.hpp>
#include <bongsu/postgres/settings.hpp>
#include <bongsu/security/token.hpp>

#include <string>

namespace bongsu::deadletters {

struct Settings {
  std::string grpc_address = "127.0.0.1:0";
  postgres::Settings postgres;
  host::KafkaSettings kafka;
  host::SecuritySettings security;
  security::TokenSettings tokens;
  std::size_t intake_batch = 500;
  ReplaySettings replay;
};

/// grpc, postgres, kafka, security, jwt, intake, replay
void bind(config::Section& section, Settings& settings);

}  // namespace bongsu::deadletters
