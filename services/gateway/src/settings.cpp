#include "settings.hpp"

namespace bongsu::gateway {

using namespace std::chrono_literals;

void bind(config::Section& section, Settings& settings) {
  section.settings("http", settings.http);
  section.settings("postgres", settings.postgres);
  settings.postgres.schema = "gateway";
  settings.postgres.application_name = "bongsu-gateway";
  // A key whose first request has not ended at another replica is told at once, not waited for.
  settings.postgres.lock_timeout = 100ms;
  section.settings("kafka", settings.kafka);
  section.settings("security", settings.security);
  section.settings("jwt", settings.tokens);
  section.number("group-commit.max-batch", settings.group_commit.max_batch, 1, 10'000);
  section.number("group-commit.max-parallel", settings.group_commit.max_parallel, 1, 16);
  section.number("bulk.parallel", settings.expansion.parallel, 1, 3);
  section.number("bulk.pages-at-once", settings.expansion.pages_at_once, 1, 20);
  section.address("jobs.address", settings.jobs_address);
  section.address("deadletters.address", settings.deadletters_address);
  section.duration("bulk.lease", settings.expansion.lease, 1s, 10min);
  section.duration("idempotency.retention", settings.key_retention, 1min, std::chrono::days{366});
}

}  // namespace bongsu::gateway
