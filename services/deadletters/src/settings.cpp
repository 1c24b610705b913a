#include "settings.hpp"

namespace bongsu::deadletters {

using namespace std::chrono_literals;

void bind(config::Section& section, Settings& settings) {
  section.address("grpc.address", settings.grpc_address, config::Presence::kRequired);
  section.settings("postgres", settings.postgres);
  settings.postgres.schema = "deadletters";
  settings.postgres.application_name = "bongsu-deadletters";
  section.settings("kafka", settings.kafka);
  section.settings("security", settings.security);
  section.settings("jwt", settings.tokens);
  section.number("intake.batch", settings.intake_batch, 1, 5'000);
  section.duration("replay.plan-valid", settings.replay.plan.valid, 1s, 24h);
  section.duration("replay.oldest", settings.replay.plan.oldest, 1h, 24h * 365);
  section.duration("replay.lease", settings.replay.lease, 1s, 5min);
}

}  // namespace bongsu::deadletters
