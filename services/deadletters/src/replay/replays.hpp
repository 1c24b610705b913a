#pragma once
#include "letter_intake.hpp"
#include "planner.hpp"
#include "replay_api.hpp"
#include "replay_intake.hpp"
#include "replay_settings.hpp"
#include "replayer.hpp"

#include <bongsu/delivery/kafka_controls.hpp>
#include <bongsu/security/keyed_hash.hpp>

#include <memory>

namespace bongsu::deadletters {

/// Everything of replays in a running service, wired.
/// Threads: the io_context's one thread. Lifetime: what it refers to outlives it; stop() must have returned
/// before it goes.
class Replays {
 public:
  struct Parts {
    asio::any_io_executor executor;
    postgres::Pool& pool;
    LetterStore& letters;
    const EventMaker& events;
    events::Topics topics;
    kafka::ClusterSettings cluster;
    const security::SealedBox& box;
    const security::KeyedHash& hash;
    const Clock& clock;
    Random& random;
    const ReplaySettings& settings;
    std::function<void()> on_stored;  ///< events wait in the outbox
  };
  explicit Replays(Parts parts);
  Replays(const Replays&) = delete;
  Replays& operator=(const Replays&) = delete;

  /// Begins to read job.control. Errors: kInvalidArgument (Kafka's settings).
  Result<void> open();
  LetterIntake::Hooks hooks();
  void add_to(rpc::Service& service) { api_.serve(service); }

  /// Counts what a rebuild has brought back.
  asio::awaitable<Result<void>> finish_restore() { return store_.finish_restore(); }
  /// From here on replays are sent; the index is whole.
  void begin();
  asio::awaitable<void> stop();

 private:
  bool is_cancelled(const Uuid& job) const;
  asio::awaitable<void> replay();

  Parts parts_;
  ReplayStore store_;
  Planner planner_;
  Replayer replayer_;
  ReplayIntake intake_;
  ReplayApi api_;
  std::unique_ptr<delivery::KafkaControls> controls_;
  Signal ended_;
  bool runs_ = false;
};

}  // namespace bongsu::deadletters
