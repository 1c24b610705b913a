#include "replayer.hpp"

#include <bongsu/core/log.hpp>

#include <algorithm>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;

constexpr auto kBusyTick = 200ms;
constexpr auto kIdleTick = 1s;
constexpr auto kLeast = 50ms;
constexpr auto kTidy = 10min;
constexpr auto kEndLimit = 5s;

}  // namespace

Replayer::Replayer(Parts parts)
    : parts_(std::move(parts)),
      owner_(Uuid::v7(parts_.clock.now(), parts_.random)),
      wake_(parts_.executor),
      changed_(parts_.executor),
      tidied_(parts_.clock.monotonic()) {}

void Replayer::stop() {
  stopping_ = true;
  if (reader_) reader_->close();
  wake_.notify_all();
  changed_.notify_all();
}

void Replayer::wake() {
  wake_.notify_all();
  changed_.notify_all();
}

asio::awaitable<void> Replayer::run() {
  while (!stopping_) {
    const auto begun = parts_.clock.monotonic();
    co_await look();
    if (stopping_) break;
    co_await wake_.wait_for(held_.empty() ? kIdleTick : kBusyTick);
    // What comes within that is looked at together.
    const auto rest = begun + kLeast - parts_.clock.monotonic();
    if (!stopping_ && rest > 0ns) co_await sleep_for(rest);
  }
  // A batch under way ends; where Kafka is away it is left as a crash would leave it.
  const auto until = parts_.clock.monotonic() + kEndLimit;
  while (!working_.empty()) {
    co_await changed_.wait_for(kBusyTick);
    if (producer_ && parts_.clock.monotonic() > until) producer_->purge();
  }
  if (const auto released = co_await parts_.replays.release(owner_); !released)
    log::warning("replay.lease_not_released", {{"why", released.error().message}});
}

asio::awaitable<void> Replayer::look() {
  co_await advance_all();
  co_await claim();
  const auto now = parts_.clock.monotonic();
  if (now - tidied_ < kTidy) co_return;
  tidied_ = now;
  if (const auto dropped = co_await parts_.replays.drop_torn_plans(); !dropped)
    log::warning("replay.plans_not_dropped", {{"why", dropped.error().message}});
}

asio::awaitable<void> Replayer::advance_all() {
  const auto due = co_await parts_.replays.due();
  if (!due) co_return;
  for (const auto& replay : *due) {
    const auto now = parts_.clock.now();
    const auto next = moved_on(replay, now);
    if (!next) continue;
    const auto written = co_await parts_.replays.update(*next, {}, now);
    // Not written: another replica was faster, or it waits for PostgreSQL; the next look shows.
    if (!written || !*written) continue;
    log::info("replay.state", {{"id", replay.id},
                               {"from", v1::Replay::State_Name(replay.state)},
                               {"to", v1::Replay::State_Name(next->state)},
                               {"canaries", v1::Replay::Canaries_Name(next->canaries)}});
    parts_.on_stored();
    changed_.notify_all();
  }
}

asio::awaitable<void> Replayer::claim() {
  auto claimed = co_await parts_.replays.claim(owner_, parts_.lease);
  // Not renewed: they are worked on for as long as the lease lasts anyway, and beyond it nothing breaks.
  if (!claimed) co_return;
  held_ = {claimed->begin(), claimed->end()};
  for (const auto& replay : *claimed) {
    if (stopping_ || !working_.insert(replay).second) continue;
    spawn(parts_.executor, "replay", work(replay));
  }
}

asio::awaitable<void> Replayer::work(Uuid replay) {
  std::optional<Pace> pace;
  bool begun_finished = false;
  while (goes_on(replay)) {
    Result<std::optional<std::int64_t>> taken = std::optional<std::int64_t>{};
    std::chrono::nanoseconds pause = kBusyTick;
    if (!begun_finished) {
      // What a crash, of this process or another, left between taking and marking.
      if (const auto done = co_await finish_begun(replay); !done) {
        taken = std::unexpected(done.error());
      } else {
        begun_finished = true;
      }
    }
    if (taken) {
      const auto found = co_await parts_.replays.find(replay);
      if (!found) {
        taken = std::unexpected(found.error());
      } else if (!*found || is_final((*found)->state)) {
        break;
      } else {
        const auto& row = **found;
        const auto now = parts_.clock.monotonic();
        if (!pace) pace.emplace(row.rate, now);
        // Several at once: a transaction for each would hold a high rate back.
        const auto worth =
            std::clamp<std::int64_t>(static_cast<std::int64_t>(row.rate / 20), 1, kLargestBatch);
        const auto limit = std::min({pace->available(now), kLargestBatch, may_take(row)});
        if (may_take(row) > 0 && limit < std::min(worth, may_take(row))) {
          pause = std::max<std::chrono::nanoseconds>(1ms, pace->until(std::min(worth, may_take(row)), now));
        } else if (limit > 0) {
          taken = co_await next_batch(row, limit);
          if (taken && *taken) {
            pace->spend(**taken);
            pause = 0ns;
          }
        }
      }
    }
    if (!taken) {
      // Whatever was begun is found again; nothing is known to be lost.
      begun_finished = false;
      if (!stopping_) log::warning("replay.waits", {{"id", replay}, {"why", taken.error().message}});
    }
    if (pause > 0ns && goes_on(replay)) {
      // Results come often; only who waits for them wants to be woken by them.
      if (pause < kBusyTick) {
        co_await sleep_for(pause);
      } else {
        co_await wake_.wait_for(kBusyTick);
      }
    }
  }
  working_.erase(replay);
  changed_.notify_all();
}

}  // namespace bongsu::deadletters
