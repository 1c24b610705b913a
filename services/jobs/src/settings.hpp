#pragma once
#include "estimate.hpp"
#include "progress.hpp"

#include <bongsu/host/settings.hpp>
#include <bongsu/postgres/settings.hpp>
#include <bongsu/security/token.hpp>

#include <string>

namespace bongsu::jobs {

struct Settings {
  std::string grpc_address = "127.0.0.1:0";
  postgres::Settings postgres;
  host::KafkaSettings kafka;
  host::SecuritySettings security;
  security::TokenSettings tokens;
  CreditSettings credit;
  Limits limits;
  std::size_t result_batch = 5000;
};

/// grpc, postgres, kafka, security, jwt, control, limits, results
void bind(config::Section& section, Settings& settings);

}  // namespace bongsu::jobs
