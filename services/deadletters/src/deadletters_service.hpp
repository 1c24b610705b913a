#pragma once
#include "catch_up.hpp"
#include "event_maker.hpp"
#include "letter_api.hpp"
#include "letter_intake.hpp"
#include "letter_store.hpp"
#include "replay/replays.hpp"
#include "settings.hpp"

#include <bongsu/host/host.hpp>
#include <bongsu/host/secrets.hpp>
#include <bongsu/intake/intake.hpp>
#include <bongsu/outbox/relay.hpp>
#include <bongsu/rpc/server.hpp>

#include <memory>

namespace bongsu::deadletters {

/// Everything of a running deadletters service: gRPC, what Kafka brings, the relay.
/// With `rebuild` the index is emptied first and made again from the topics; nothing is served meanwhile.
/// Threads: the io_context's one thread. Lifetime: `host` outlives it; it lives until run() has returned.
class DeadLettersService {
 public:
  /// Errors: kUnavailable (the address is taken), kInvalidArgument (Kafka's settings).
  static Result<std::unique_ptr<DeadLettersService>> open(host::Host& host, Settings settings,
                                                          host::Secrets secrets, bool rebuild);

  DeadLettersService(host::Host& host, Settings settings, host::Secrets secrets, bool rebuild);
  DeadLettersService(const DeadLettersService&) = delete;
  DeadLettersService& operator=(const DeadLettersService&) = delete;

  /// Serves until the host wants to stop, then ends what was begun: calls first, the relay last.
  asio::awaitable<Result<void>> run();

 private:
  Result<void> listen();
  Result<rpc::Caller> authenticate(std::string_view token);
  Result<void> is_index_ready() const;
  asio::awaitable<void> relay();
  asio::awaitable<void> fill_index();
  asio::awaitable<bool> empty_index();
  asio::awaitable<bool> publish_decisions();
  asio::awaitable<void> begin_reading();

  host::Host& host_;
  Settings settings_;
  host::Secrets secrets_;
  bool rebuild_;
  events::Topics topics_;
  postgres::Pool pool_;
  outbox::Relay relay_;
  Signal relay_ended_;
  bool relay_runs_ = false;
  EventMaker events_;
  LetterStore store_;
  Replays replays_;
  LetterReader reader_;
  intake::DeadLetters letters_;
  LetterIntake takes_;
  CatchUp catch_up_;
  std::optional<kafka::RecordReader> records_;
  std::optional<LetterApi> api_;
  std::optional<intake::Intake> intake_;
  Signal ended_;  ///< what run() waits for: the host, or something that cannot go on
  std::optional<Error> broken_;
  bool stopping_ = false;
  bool filling_ = false;  ///< fill_index() runs
  bool reading_ = false;
  bool index_ready_ = false;
  Progress progress_;
  rpc::Service service_{"bongsu.deadletters.v1.DeadLetterService"};
  std::optional<rpc::Server> server_;
};

}  // namespace bongsu::deadletters
