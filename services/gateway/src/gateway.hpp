#pragma once
#include "bulk/expander.hpp"
#include "rest.hpp"
#include "settings.hpp"

#include <bongsu/host/host.hpp>
#include <bongsu/intake/intake.hpp>
#include <bongsu/outbox/relay.hpp>

#include <memory>

namespace bongsu::gateway {

/// Everything of a running gateway: the REST side, the relay, what Kafka brings, and bulk jobs' members.
///
/// Threads: the io_context's one thread. Lifetime: `host` outlives it; it lives until run() has returned.
class Gateway {
 public:
  /// Errors: kUnavailable (the address is taken), kInvalidArgument (Kafka's settings).
  static Result<std::unique_ptr<Gateway>> open(host::Host& host, Settings settings, host::Secrets secrets);

  Gateway(host::Host& host, Settings settings, host::Secrets secrets);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// Serves until the host wants to stop, then ends what was begun: requests first, then the relay.
  asio::awaitable<Result<void>> run();

 private:
  Result<void> listen();
  std::map<std::string, intake::Take> takes();
  asio::awaitable<void> relay();
  asio::awaitable<void> expand();
  asio::awaitable<void> forget_what_is_old();

  host::Host& host_;
  Settings settings_;
  host::Secrets secrets_;
  events::Topics topics_;
  postgres::Pool pool_;
  outbox::Relay relay_;
  Signal ended_;
  bool relay_runs_ = false;
  bool expander_runs_ = false;
  JobStore jobs_;
  rpc::Channel jobs_service_;
  rpc::Channel deadletters_service_;
  Rest rest_;
  intake::DeadLetters letters_;
  RequestMaker requests_;
  Expander expander_;
  std::optional<intake::Intake> intake_;
  std::optional<http::Server> server_;
};

}  // namespace bongsu::gateway
