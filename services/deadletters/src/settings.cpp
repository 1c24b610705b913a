#include "settings.hpp"

namespace bongsu::deadletters {

void bind(config::Section& section, Settings& settings) {
  section.address("grpc.address", settings.grpc_address, config::Presence::kRequired);
  section.settings("postgres", settings.postgres);
  settings.postgres.schema = "deadletters";
  settings.postgres.application_name = "bongsu-deadletters";
  section.settings("kafka", settings.kafka);
  section.settings("security", settings.security);
  section.settings("jwt", settings.tokens);
  section.number("intake.batch", settings.intake_batch, 1, 5'000);
}

}  // namespace bongsu::deadletters
