#include "engine_impl.hpp"

#include "metrics.hpp"

#include <bongsu/core/log.hpp>

namespace bongsu::delivery {

using namespace std::chrono_literals;

namespace {

class NoControls final : public Controls {
 public:
  bool ready() const override { return true; }
  JobState state_of(std::string_view /*job*/) const override { return JobState::kUnknown; }
};

const Controls& controls_of(const World& world) {
  static const NoControls none;
  return world.controls != nullptr ? *world.controls : none;
}

}  // namespace

Engine::Impl::Impl(const asio::any_io_executor& executor, World world, Settings settings)
    : executor_(executor),
      world_(std::move(world)),
      settings_(std::move(settings)),
      lanes_(lanes_of(world_.kind, world_.topics, settings_.retry_delays, world_.signups)),
      lease_(world_.ledger, world_.clock, world_.random, settings_),
      alerts_(executor, world_.log, world_.clock, world_.random, world_.topics,
              std::string{events::name_of(world_.kind)}, lease_.life()),
      admission_(executor, {.channel = world_.channel,
                            .lease = lease_,
                            .tokens = world_.tokens,
                            .clock = world_.clock,
                            .alerts = alerts_,
                            .controls = controls_of(world_),
                            .settings = settings_}),
      sender_(admission_, world_.channel, controls_of(world_), world_.clock, world_.random, settings_),
      intake_(world_.kind, world_.channel, world_.box, world_.random),
      follow_up_({.topics = world_.topics, .channel = world_.kind, .group = world_.group}, settings_,
                 world_.box, world_.random),
      deliverer_(executor, {.channel = world_.channel,
                            .ledger = world_.ledger,
                            .log = world_.log,
                            .sender = sender_,
                            .alerts = alerts_,
                            .controls = controls_of(world_),
                            .clock = world_.clock,
                            .intake = intake_,
                            .follow_up = follow_up_,
                            .settings = settings_}),
      changed_(executor) {
  for (const auto& lane : lanes_) {
    windows_.try_emplace(lane.topic, executor, settings_.max_in_flight_records,
                         settings_.max_in_flight_bytes);
  }
  deliverer_.on_fenced = [this](Partition& partition) {
    if (!partition.holds()) return;
    set_phase(partition, Phase::kGone);
    spawn(executor_, "delivery.fenced", start_over("fenced"));
  };
}

asio::awaitable<Result<void>> Engine::Impl::run() {
  if (world_.channel.timeout() > settings_.longest_call()) {
    co_return fail(ErrorCode::kInvalidArgument,
                   "a provider call may take " + to_string(world_.channel.timeout()) +
                       ", but must fit into lease − renewal = " + to_string(settings_.longest_call()) +
                       "; shorten the provider's timeout");
  }
  const auto self = shared_from_this();
  co_await start_lease();
  std::vector<std::string> topics;
  for (const auto& lane : lanes_) topics.push_back(lane.topic);
  if (auto subscribed = world_.log.subscribe(topics); !subscribed) co_return subscribed;
  begin("delivery.lease", keep_lease());
  begin("delivery.commit", keep_committing());
  begin("delivery.alerts", alerts_.run());
  begin("delivery.admission", admission_.run());
  co_await follow_group();
  over_ = true;
  alerts_.stop();
  admission_.stop();
  changed_.notify_all();
  while (loops_ > 0) co_await changed_.wait();
  co_return Result<void>{};
}

/// A loop that run() waits for.
void Engine::Impl::begin(std::string_view name, asio::awaitable<void> loop) {
  ++loops_;
  spawn(executor_, name, until_over(std::move(loop)));
}

asio::awaitable<void> Engine::Impl::until_over(asio::awaitable<void> loop) {
  co_await std::move(loop);
  --loops_;
  changed_.notify_all();
}

void Engine::Impl::stop() {
  if (std::exchange(stopping_, true)) return;
  changed_.notify_all();
  spawn(executor_, "delivery.drain", drain());
}

Result<void> Engine::Impl::healthy() const {
  if (!joined_) return fail(ErrorCode::kUnavailable, "kafka: not yet a member of group " + world_.group);
  if (ledger_trouble_) return std::unexpected(*ledger_trouble_);
  return {};
}

asio::awaitable<void> Engine::Impl::start_lease() {
  while (!stopping_) {
    const auto begun = co_await lease_.begin();
    if (begun) co_return;
    ledger_trouble_ = begun.error();
    log::warning("delivery.lease.waits", {{"code", begun.error().code}, {"why", begun.error().message}});
    co_await changed_.wait_for(500ms);
  }
}

asio::awaitable<void> Engine::Impl::drain() {
  const auto deadline = world_.clock.monotonic() + settings_.give_up_limit;
  co_await give_up_cleanly();
  // A partition that was lost, or out of time, may still have calls on the wire: the lease covers them.
  const auto is_busy = [this] {
    return std::ranges::any_of(busy_, [](const auto& entry) { return entry.second > 0; });
  };
  while (is_busy() && world_.clock.monotonic() < deadline) {
    co_await changed_.wait_for(deadline - world_.clock.monotonic());
  }
  if (is_busy()) {
    log::info("delivery.lease.left", {{"why", "calls are still on the wire"}});
  } else if (const auto ended = co_await lease_.end(); !ended) {
    log::info("delivery.lease.left",
              {{"why", ended.error().message}, {"then", "it is over by itself in seconds"}});
  }
  co_await world_.log.leave();
}

asio::awaitable<bool> Engine::Impl::commit(const std::vector<PartitionPtr>& partitions) {
  // One at a time: an older commit that arrives later would move the offsets back.
  while (committing_) co_await changed_.wait();
  committing_ = true;
  const bool committed = co_await commit_now(partitions);
  committing_ = false;
  changed_.notify_all();
  co_return committed;
}

asio::awaitable<bool> Engine::Impl::commit_now(const std::vector<PartitionPtr>& partitions) {
  std::vector<kafka::Position> next;
  for (const auto& partition : partitions) {
    const auto position = partition->watermark.position();
    if (!partition->holds() || position == partition->committed) continue;
    next.push_back(
        {.topic = partition->where.topic, .partition = partition->where.partition, .offset = position});
  }
  if (next.empty()) co_return true;
  const auto committed = co_await world_.log.commit(next);
  if (!committed) {
    log::warning("delivery.commit.failed", {{"why", committed.error().message}});
    co_return false;
  }
  for (const auto& position : next) {
    for (const auto& partition : partitions) {
      if (partition->where.topic == position.topic && partition->where.partition == position.partition) {
        partition->committed = position.offset;
      }
    }
  }
  co_return true;
}

asio::awaitable<void> Engine::Impl::keep_committing() {
  while (!over_) {
    co_await changed_.wait_for(settings_.commit_interval);
    alerts_.fade();
    if (giving_up_ || over_) continue;
    std::vector<PartitionPtr> owned;
    for (const auto& [where, partition] : partitions_) {
      if (partition->phase == Phase::kOwned) owned.push_back(partition);
    }
    co_await commit(owned);
  }
}

asio::awaitable<void> Engine::Impl::keep_lease() {
  auto pause = settings_.renewal;
  while (!over_) {
    const auto next = world_.clock.monotonic() + pause;
    while (!over_ && world_.clock.monotonic() < next)
      co_await changed_.wait_for(next - world_.clock.monotonic());
    if (over_) break;
    const auto renewed = co_await lease_.renew();
    if (renewed) {
      ledger_trouble_.reset();
    } else {
      ledger_trouble_ = renewed.error();
    }
    pause = renewed ? settings_.renewal : std::min(settings_.renewal, std::chrono::milliseconds{250});
    if (renewed && !*renewed && !stopping_) {
      log::warning("delivery.name.lost", {{"owner", lease_.owner()}});
      lease_.rename();
      co_await start_lease();
      spawn(executor_, "delivery.start_over", start_over("the lease was over"));
    }
    if (renewed && *renewed) co_await give_back_strays();
  }
}

/// What stands in our name and is not ours: the answer to a take or a give-back got lost.
asio::awaitable<void> Engine::Impl::give_back_strays() {
  const auto holds = co_await world_.ledger.held_by(lease_.life());
  if (!holds) co_return;
  for (const auto& hold : *holds) {
    if (partitions_.contains(hold.where) || busy_[hold.where] > 0) continue;
    log::info("delivery.stray.given_back",
              {{"topic", hold.where.topic}, {"partition", hold.where.partition}});
    ++busy_[hold.where];
    const auto given = co_await world_.ledger.give_back(hold, std::nullopt);
    --busy_[hold.where];
    if (!given) co_return;
  }
}

}  // namespace bongsu::delivery
