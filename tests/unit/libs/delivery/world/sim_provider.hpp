#pragma once
#include "witness.hpp"

#include <bongsu/delivery/channel.hpp>

namespace bongsu::world {

/// The one provider of a history.
struct Provider {
  Moment down_until{};
  Moment refusing_until{};  ///< our credentials, that is
  double trouble = 1;       ///< how much of everything that can go wrong with a call, 0 … 1
  double slow = 0.2;        ///< share of calls that it takes seconds to accept
  std::size_t concurrency = 200;
  double stop_the_caller = 0;  ///< share of calls whose sender is stopped, for longer than its lease
};

/// One life's way to it. It honours no idempotency key: what it accepts twice is a double.
class SimChannel final : public delivery::Channel {
 public:
  SimChannel(Life& life, Provider& provider, Witness& witness)
      : life_(life), sim_(life.sim), provider_(provider), witness_(witness) {}

  static constexpr std::chrono::milliseconds kTimeout{5'000};

  Result<void> validate(const delivery::Notification& notification) const override;
  asio::awaitable<Result<delivery::Receipt>> send(const delivery::Notification& notification) override;
  asio::awaitable<Result<void>> probe() override { co_return Result<void>{}; }
  std::chrono::milliseconds timeout() const override;
  std::size_t concurrency() const override { return provider_.concurrency; }

 private:
  using Reply = std::function<void(Result<delivery::Receipt>)>;

  void call(const Uuid& id, const Reply& reply);
  void refuse(std::size_t call, const Reply& reply, Duration after, Error error);
  void accept(std::size_t call, const Reply& reply, bool answer_arrives);

  Life& life_;
  Simulation& sim_;
  Provider& provider_;
  Witness& witness_;
  std::size_t under_way_ = 0;
};

}  // namespace bongsu::world
