#include "process.hpp"

#include <bongsu/core/assert.hpp>

namespace bongsu::world {

Timestamp SimClock::now() const { return wall_time(sim_) + wall_offset_; }

Process::Process(Shared& shared, int process, int number)
    : life(shared.sim, process, number),
      clock_(shared.sim, std::chrono::minutes{17 * number}, std::chrono::milliseconds{7 * (number % 5)}),
      random_(shared.sim.seed() * 1'000 + static_cast<std::uint64_t>(number)),
      settings_(shared.settings),
      ledger_(life, shared.database, shared.witness, settings_),
      tokens_(ledger_),
      log_(life, shared.broker, clock_),
      controls_(life, shared.jobs, log_),
      channel_(life, shared.provider, shared.witness),
      engine_(std::make_unique<delivery::Engine>(life.loop.get_executor(),
                                                 delivery::World{.channel = channel_,
                                                                 .kind = events::Channel::kSms,
                                                                 .ledger = ledger_,
                                                                 .log = log_,
                                                                 .tokens = tokens_of(),
                                                                 .controls = &controls_,
                                                                 .clock = clock_,
                                                                 .random = random_,
                                                                 .box = shared.box,
                                                                 .topics = shared.topics,
                                                                 .group = "sms"},
                                                 settings_)) {
  shared.witness.started(life, controls_);
  shared.sim.tell([&] { return "START " + life.name; });
  spawn(life.loop.get_executor(), "engine", [](Process& self) -> asio::awaitable<void> {
    self.ended_ = co_await self.engine_->run();
    require(self.ended_->has_value(), "the settings suit the engine");
  }(*this));
  shared.sim.wake(life);
}

Process::~Process() {
  // Coroutines end while the engine that they belong to is there; its timers while their loop is.
  life.loop.shutdown();
  life.loop.shutdown();
  engine_.reset();  // lets go of those who wait for a turn
  life.loop.shutdown();
}

void Process::stop() {
  life.sim.tell([&] { return "STOP " + life.name; });
  asio::post(life.loop, [this] { engine_->stop(); });
  life.sim.wake(life);
}

}  // namespace bongsu::world
