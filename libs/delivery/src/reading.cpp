#include "engine_impl.hpp"
#include "metrics.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/events/progress.hpp>

namespace bongsu::delivery {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kDueTogether{10};

}  // namespace

asio::awaitable<void> Engine::Impl::read(PartitionPtr partition) {
  const auto self = shared_from_this();
  if (!co_await take(partition)) co_return;
  bool woken_in_vain = false;
  while (co_await wait_for_room(*partition)) {
    auto messages =
        world_.log.poll(partition->where, std::min<std::size_t>(500, partition->window.room() + 1));
    if (messages.empty()) {
      // Readable and empty: its queue may be gone, and the group is about to say so.
      if (woken_in_vain) co_await partition->changed.wait_for(20ms);
      co_await world_.log.readable(partition->where);
      woken_in_vain = true;
      continue;
    }
    woken_in_vain = false;
    for (auto& message : messages) {
      if (!is_due(*partition, message) && !co_await wait_until_due(*partition, message)) co_return;
      if (!has_room(*partition) && !co_await wait_for_room(*partition)) co_return;
      if (partition->phase != Phase::kOwned) co_return;
      start_record(partition, std::move(message));
    }
  }
}

/// Waits until the ledger gives the partition to us. False: the group took it away meanwhile.
asio::awaitable<bool> Engine::Impl::take(const PartitionPtr& partition) {
  while (partition->phase == Phase::kTaking) {
    const auto owner = lease_.owner();
    if (busy_[partition->where] > 0 || !lease_.covers(owner, 0ms)) {
      co_await changed_.wait_for(50ms);
      continue;
    }
    ++busy_[partition->where];
    const auto taken = co_await world_.ledger.take(partition->where, owner);
    --busy_[partition->where];
    if (taken && *taken) {
      partition->owner = owner;
      partition->hold = {.where = partition->where, .epoch = (*taken)->epoch};
      partition->inherited = (*taken)->claimed_to;
      partition->taken_at = world_.clock.monotonic();
      if (partition->phase == Phase::kTaking && owner == lease_.owner()) {
        set_phase(*partition, Phase::kOwned);
        log::info("delivery.taken", {{"topic", partition->where.topic},
                                     {"partition", partition->where.partition},
                                     {"epoch", partition->hold.epoch},
                                     {"from", partition->watermark.position()},
                                     {"claimed_to", partition->inherited}});
        co_return true;
      }
      co_await give_back(partition, std::nullopt);
      continue;
    }
    if (!taken) log::debug("delivery.take.waits", {{"why", taken.error().message}});
    co_await partition->changed.wait_for(250ms);
  }
  co_return false;
}

bool Engine::Impl::has_room(const Partition& partition) const {
  return partition.watermark.ahead() < settings_.max_ahead && partition.window.has_room();
}

asio::awaitable<bool> Engine::Impl::wait_for_room(Partition& partition) {
  while (partition.phase == Phase::kOwned) {
    if (partition.watermark.ahead() >= settings_.max_ahead) {
      co_await partition.advanced.wait_for(100ms);
    } else if (!partition.window.has_room()) {
      co_await partition.window.freed(100ms);
    } else {
      co_return true;
    }
  }
  co_return false;
}

Timestamp Engine::Impl::due_at(const Partition& partition, const kafka::Message& message) {
  const auto progress = events::read_progress(message.headers);
  return progress && progress->due_at ? *progress->due_at : message.timestamp + partition.lane.delay;
}

bool Engine::Impl::is_due(const Partition& partition, const kafka::Message& message) const {
  return partition.lane.kind != LaneKind::kRetry || world_.clock.now() >= due_at(partition, message);
}

/// A retry lane's records are due in their order: one topic, one delay. A little longer than the head needs,
/// so that one wait serves all that are due with it.
asio::awaitable<bool> Engine::Impl::wait_until_due(Partition& partition, const kafka::Message& message) {
  const auto due = due_at(partition, message);
  while (partition.phase == Phase::kOwned && world_.clock.now() < due) {
    co_await partition.changed.wait_for(
        std::max<Timestamp::duration>(due - world_.clock.now(), kDueTogether));
  }
  co_return partition.phase == Phase::kOwned;
}

void Engine::Impl::start_record(const PartitionPtr& partition, kafka::Message message) {
  const auto bytes = (message.value ? message.value->size() : 0) + message.key.size();
  partition->watermark.begin(message.offset);
  ++partition->open;
  partition->window.enter(bytes);
  metrics::in_flight().Increment();
  spawn(executor_, "delivery.record", handle(partition, std::move(message), bytes));
}

asio::awaitable<void> Engine::Impl::handle(PartitionPtr partition, kafka::Message message,
                                           std::size_t bytes) {
  const auto self = shared_from_this();
  const auto offset = message.offset;
  if (co_await deliverer_.deliver(*partition, std::move(message))) partition->watermark.done(offset);
  --partition->open;
  partition->window.leave(bytes);
  metrics::in_flight().Decrement();
  partition->advanced.notify_all();
  if (partition->open == 0) partition->changed.notify_all();
}

}  // namespace bongsu::delivery
