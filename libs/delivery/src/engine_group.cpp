// How partitions come to us and go: given by the group, given up in order, lost.
#include "engine_impl.hpp"
#include "metrics.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/core/log.hpp>

#include <algorithm>

namespace bongsu::delivery {

using namespace std::chrono_literals;

asio::awaitable<void> Engine::Impl::follow_group() {
  for (;;) {
    auto event = co_await world_.log.next_event();
    ++group_events_;
    if (std::holds_alternative<kafka::Closed>(event)) co_return;
    if (auto* assigned = std::get_if<kafka::Assigned>(&event)) {
      co_await assign(std::move(assigned->partitions));
      continue;
    }
    if (std::holds_alternative<kafka::Revoked>(event)) {
      co_await give_up_cleanly();
    } else {
      lose_all("the group went on without us");
    }
    if (const auto done = world_.log.unassign(); !done) {
      log::warning("delivery.unassign.failed", {{"why", done.error().message}});
    }
  }
}

asio::awaitable<void> Engine::Impl::assign(std::vector<kafka::TopicPartition> partitions) {
  const auto asked_at = group_events_;
  for (;;) {
    const auto starts = co_await world_.log.assign(partitions);
    // Asked for by start_over(), and the group has gone on meanwhile: its next assignment counts.
    if (asked_at != group_events_) co_return;
    // Given in the middle of the drain: nobody is left to read it, and leaving gives it back.
    if (stopping_) co_return;
    if (!starts) {
      if (starts.error().code == ErrorCode::kCancelled) co_return;
      log::warning("delivery.assign.waits", {{"why", starts.error().message}});
      co_await changed_.wait_for(200ms);
      continue;
    }
    joined_ = true;
    log::info("delivery.assigned", {{"group", world_.group}, {"partitions", starts->size()}});
    for (const auto& start : *starts) {
      const auto lane = std::ranges::find(lanes_, start.partition.topic, &Lane::topic);
      require(lane != lanes_.end(), "only topics of our lanes are assigned");
      auto partition = std::make_shared<Partition>(executor_, *lane, windows_.at(lane->topic),
                                                   start.partition, start.committed.value_or(0));
      partitions_[start.partition] = partition;
      spawn(executor_, "delivery.read", read(partition));
    }
    co_return;
  }
}

void Engine::Impl::set_phase(Partition& partition, Phase phase) {
  partition.phase = phase;
  partition.changed.notify_all();
  std::size_t owned = 0;
  for (const auto& [where, other] : partitions_) owned += other->phase == Phase::kOwned ? 1 : 0;
  metrics::partitions_owned().Set(static_cast<double>(owned));
}

/// Everything under way ends, what is done is committed, and the partitions go back for others.
asio::awaitable<void> Engine::Impl::give_up_cleanly() {
  while (giving_up_) co_await changed_.wait();
  giving_up_ = true;
  std::vector<PartitionPtr> held;
  for (auto& [where, partition] : std::exchange(partitions_, {})) {
    if (partition->phase == Phase::kOwned) {
      held.push_back(partition);
      ++busy_[where];  // it stands in our name and is no stray
    }
    set_phase(*partition, partition->phase == Phase::kOwned ? Phase::kEnding : Phase::kGone);
  }
  ending_ = held;
  co_await end_records(held);
  const bool committed = co_await commit(held);
  for (const auto& partition : held) {
    const bool clean = partition->open == 0 && committed && partition->phase == Phase::kEnding;
    set_phase(*partition, Phase::kGone);
    if (!clean) {
      spawn(executor_, "delivery.close", close_uncleanly(partition));  // still busy
      continue;
    }
    // claimed_to goes down only where this hold has passed all that a former owner may have sent.
    const auto position = partition->watermark.position();
    co_await give_back(partition, position >= partition->inherited ? std::optional{position} : std::nullopt);
    --busy_[partition->where];
  }
  ending_.clear();
  giving_up_ = false;
  changed_.notify_all();
}

asio::awaitable<void> Engine::Impl::end_records(const std::vector<PartitionPtr>& held) {
  const auto deadline = world_.clock.monotonic() + settings_.give_up_limit;
  for (const auto& partition : held) {
    while (partition->open > 0 && world_.clock.monotonic() < deadline) {
      co_await partition->changed.wait_for(deadline - world_.clock.monotonic());
    }
  }
}

asio::awaitable<void> Engine::Impl::give_back(PartitionPtr partition, std::optional<std::int64_t> lower_to) {
  ++busy_[partition->where];
  const auto given = co_await world_.ledger.give_back(partition->hold, lower_to);
  if (!given) {
    // The row stays in our name: given back at a renewal, or taken when the lease is over.
    log::warning("delivery.give_back.failed", {{"why", given.error().message}});
  }
  --busy_[partition->where];
  changed_.notify_all();
}

/// Its caller has counted it as busy.
asio::awaitable<void> Engine::Impl::close_uncleanly(PartitionPtr partition) {
  while (partition->open > 0) co_await partition->changed.wait();
  co_await give_back(partition, std::nullopt);
  --busy_[partition->where];
  changed_.notify_all();
}

void Engine::Impl::lose_all(std::string_view why) {
  // Given up while the group takes them: others may have committed more by now.
  for (const auto& partition : ending_) {
    if (partition->phase == Phase::kEnding) set_phase(*partition, Phase::kGone);
  }
  if (partitions_.empty()) return;
  log::warning("delivery.lost", {{"partitions", partitions_.size()}, {"why", why}});
  for (auto& [where, partition] : std::exchange(partitions_, {})) {
    const bool taken = !partition->owner.empty();
    set_phase(*partition, Phase::kGone);
    if (!taken) continue;
    ++busy_[where];
    spawn(executor_, "delivery.close", close_uncleanly(partition));
  }
}

/// The group still gives us the partitions, but the ledger does not: everything is read again from
/// what is committed, under a hold that is taken anew.
asio::awaitable<void> Engine::Impl::start_over(std::string_view why) {
  if (std::exchange(starting_over_, true)) co_return;
  while (giving_up_) co_await changed_.wait();
  std::vector<kafka::TopicPartition> partitions;
  for (const auto& [where, partition] : partitions_) partitions.push_back(where);
  lose_all(why);
  if (!partitions.empty() && !stopping_) {
    if (const auto done = world_.log.unassign(); !done) {
      log::warning("delivery.unassign.failed", {{"why", done.error().message}});
    }
    co_await assign(std::move(partitions));
  }
  starting_over_ = false;
}

}  // namespace bongsu::delivery
