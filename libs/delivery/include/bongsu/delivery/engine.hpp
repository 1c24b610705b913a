#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/random.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/delivery/channel.hpp>
#include <bongsu/delivery/controls.hpp>
#include <bongsu/delivery/ledger.hpp>
#include <bongsu/delivery/log.hpp>
#include <bongsu/delivery/settings.hpp>
#include <bongsu/delivery/tokens.hpp>
#include <bongsu/events/channel.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <memory>
#include <string>

namespace bongsu::delivery {

/// Everything a channel's delivery stands on. A test puts simulated ones in their places.
struct World {
  Channel& channel;
  events::Channel kind;
  bool signups = false;  ///< whether user.signed-up is one of its lanes
  Ledger& ledger;
  Log& log;
  Tokens* tokens = nullptr;            ///< none: no rate limit
  const Controls* controls = nullptr;  ///< none: no job is ever stopped
  const Clock& clock;
  Random& random;
  const security::SealedBox& box;
  events::Topics topics;
  std::string group;  ///< consumer group
};

/// Delivers what a channel's topics ask for, as one member of the channel's consumer group.
///
/// Errors: kInvalidArgument when a provider call would not fit into the lease.
/// Delivery: every record ends delivered, in a retry topic, as a dead letter, or suppressed; none is
///   sent twice but in the one window (delivery/README.md).
/// Threads: the io_context's one thread. Lifetime: run() must have returned before it goes.
class Engine {
 public:
  Engine(const asio::any_io_executor& executor, World world, Settings settings);
  ~Engine();

  /// Returns after stop(), when everything in flight has ended, is committed and given back, or
  /// Settings::give_up_limit has passed.
  asio::awaitable<Result<void>> run();
  void stop();

  /// Takes part in the group, and the ledger answers: fit for /readyz.
  Result<void> healthy() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace bongsu::delivery
