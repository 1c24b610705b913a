#pragma once
#include "job_api.hpp"
#include "job_intake.hpp"
#include "overseer.hpp"
#include "settings.hpp"

#include <bongsu/host/host.hpp>
#include <bongsu/host/secrets.hpp>
#include <bongsu/outbox/relay.hpp>

#include <memory>

namespace bongsu::jobs {

/// Everything of a running jobs service: gRPC, the overseer, what Kafka brings, the relay.
/// Threads: the io_context's one thread. Lifetime: `host` outlives it; it lives until run() has returned.
class JobsService {
 public:
  /// Errors: kUnavailable (the address is taken), kInvalidArgument (Kafka's settings).
  static Result<std::unique_ptr<JobsService>> open(host::Host& host, Settings settings,
                                                   host::Secrets secrets);

  JobsService(host::Host& host, Settings settings, host::Secrets secrets);
  JobsService(const JobsService&) = delete;
  JobsService& operator=(const JobsService&) = delete;

  /// Serves until the host wants to stop, then ends what was begun: calls first, the relay last.
  asio::awaitable<Result<void>> run();

 private:
  Result<void> listen();
  Result<rpc::Caller> authenticate(std::string_view token);
  asio::awaitable<void> relay();

  host::Host& host_;
  Settings settings_;
  host::Secrets secrets_;
  events::Topics topics_;
  postgres::Pool pool_;
  outbox::Relay relay_;
  Signal relay_ended_;
  bool relay_runs_ = false;
  EventMaker events_;
  JobStore store_;
  Overseer overseer_;
  JobApi api_;
  intake::DeadLetters letters_;
  JobIntake takes_;
  std::optional<intake::Intake> intake_;
  std::optional<rpc::Server> server_;
};

}  // namespace bongsu::jobs
