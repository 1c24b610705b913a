#include "settings.hpp"

namespace bongsu::jobs {

using namespace std::chrono_literals;

void bind(config::Section& section, Settings& settings) {
  section.address("grpc.address", settings.grpc_address, config::Presence::kRequired);
  section.settings("postgres", settings.postgres);
  settings.postgres.schema = "jobs";
  settings.postgres.application_name = "bongsu-jobs";
  section.settings("kafka", settings.kafka);
  section.settings("security", settings.security);
  section.settings("jwt", settings.tokens);
  section.number("control.window", settings.credit.window, 1, 100'000);
  section.duration("control.republish", settings.credit.republish, 100ms, 1h);
  section.number("limits.email", settings.limits.email, 1, 100'000'000);
  section.number("limits.kakao", settings.limits.kakao, 1, 100'000'000);
  section.number("limits.sms", settings.limits.sms, 1, 100'000'000);
  section.number("results.batch", settings.result_batch, 1, 100'000);
}

}  // namespace bongsu::jobs
