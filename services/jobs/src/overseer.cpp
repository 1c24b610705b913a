#include "overseer.hpp"

#include "job_view.hpp"

#include <bongsu/core/log.hpp>

namespace bongsu::jobs {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 100ms;
constexpr auto kSweep = 1s;
constexpr int kTries = 10;

}  // namespace

Overseer::Overseer(Parts parts) : parts_(std::move(parts)), wake_(parts_.executor) {}

void Overseer::stop() {
  stopping_ = true;
  wake_.notify_all();
}

void Overseer::note(const std::set<Uuid>& jobs) {
  noted_.insert(jobs.begin(), jobs.end());
  wake_.notify_all();
}

std::shared_ptr<Watched> Overseer::watch(const Uuid& job) {
  auto& weak = watched_[job];
  auto watched = weak.lock();
  if (!watched) {
    watched = std::make_shared<Watched>(parts_.executor);
    weak = watched;
  }
  wake_.notify_all();
  return watched;
}

std::vector<Uuid> Overseer::due() {
  std::erase_if(watched_, [](const auto& entry) { return entry.second.expired(); });
  auto ids = std::exchange(noted_, {});
  for (const auto& [id, watched] : watched_) ids.insert(id);
  return {ids.begin(), ids.end()};
}

asio::awaitable<void> Overseer::run() {
  auto swept = parts_.clock.monotonic() - kSweep;
  while (!stopping_) {
    const auto begun = parts_.clock.monotonic();
    const bool sweep = begun - swept >= kSweep;
    auto ids = due();
    Result<std::vector<Snapshot>> found;
    if (!ids.empty()) {
      found = co_await parts_.store.find(ids);
      if (found) {
        for (const auto& id : ids) {
          const auto here = std::ranges::any_of(*found, [&](const auto& one) { return one.job.id == id; });
          const auto watched = watched_.contains(id) ? watched_.at(id).lock() : nullptr;
          if (here || !watched || watched->missing) continue;
          watched->missing = true;
          watched->changed.notify_all();
        }
        co_await look(std::move(*found));
      }
    }
    if (sweep && (ids.empty() || found)) {
      swept = begun;
      found = co_await parts_.store.open_jobs();
      if (found) {
        forget(*found);
        co_await look(std::move(*found));
      }
    }
    if (!found) {
      if (!told_away_) log::warning("jobs.waits", {{"why", found.error().message}});
      noted_.insert(ids.begin(), ids.end());
    }
    told_away_ = !found.has_value();
    if (stopping_) break;
    const auto busy = !found || !noted_.empty() || !watched_.empty();
    if (busy) {
      // What comes within a tick is looked at together.
      co_await sleep_for(kTick);
    } else if (co_await wake_.wait_for(swept + kSweep - parts_.clock.monotonic())) {
      if (!stopping_ && parts_.clock.monotonic() - begun < kTick) co_await sleep_for(kTick / 4);
    }
  }
}

void Overseer::forget(const std::vector<Snapshot>& open) {
  std::unordered_set<Uuid> alive;
  for (const auto& snapshot : open) alive.insert(snapshot.job.id);
  std::erase_if(rates_, [&](const auto& entry) { return !alive.contains(entry.first); });
}

asio::awaitable<void> Overseer::look(std::vector<Snapshot> snapshots) {
  for (auto& snapshot : snapshots) {
    if (!snapshot.job.completed_at) {
      const auto pages = snapshot.pages;
      rates_[snapshot.job.id].note(parts_.clock.monotonic(), pages.success + pages.failure + pages.unknown +
                                                                 pages.no_consent + pages.inactive +
                                                                 pages.no_recipient + pages.cancelled);
    }
    show(co_await moved_on(std::move(snapshot)));
  }
}

asio::awaitable<Snapshot> Overseer::moved_on(Snapshot snapshot) {
  const auto change = advance(snapshot, parts_.clock.now(), parts_.credit);
  if (!change) co_return snapshot;
  const auto written = co_await write(*change);
  if (!written) {
    log::warning("job.not_moved_on", {{"id", snapshot.job.id}, {"why", written.error().message}});
  } else if (*written) {
    if (change->job.state != snapshot.job.state) {
      log::info("job.state", {{"id", snapshot.job.id},
                              {"from", name_of(snapshot.job.state)},
                              {"to", name_of(change->job.state)}});
    }
    snapshot.job = change->job;
  }
  // Not written: another replica was faster, and the next look shows what it made of it.
  co_return snapshot;
}

asio::awaitable<Result<bool>> Overseer::write(const Change& change) {
  std::vector<outbox::Event> events;
  if (change.publish) events.push_back(parts_.events.control(change.job, parts_.clock.now()));
  auto written = co_await parts_.store.update(change.job, std::move(events));
  if (written && *written && change.publish) parts_.on_stored();
  co_return written;
}

v1::Job Overseer::view(const Snapshot& snapshot) const {
  const auto rate = rates_.find(snapshot.job.id);
  return view_of(snapshot, rate == rates_.end() ? 0 : rate->second.per_second(), parts_.limits,
                 parts_.clock.now());
}

void Overseer::show(const Snapshot& snapshot) {
  const auto found = watched_.find(snapshot.job.id);
  const auto watched = found == watched_.end() ? nullptr : found->second.lock();
  if (!watched) return;
  auto job = view(snapshot);
  if (watched->job && !is_news(*watched->job, job)) return;
  watched->job = std::make_shared<const v1::Job>(std::move(job));
  ++watched->version;
  watched->changed.notify_all();
}

asio::awaitable<Result<Snapshot>> Overseer::act(Uuid job, Action action) {
  for (int tries = 0; tries < kTries; ++tries) {
    auto found = co_await parts_.store.find(job);
    if (!found) co_return std::unexpected(found.error());
    if (!*found) co_return fail(ErrorCode::kNotFound, "there is no such job");
    auto& snapshot = **found;
    // What is known by now may have brought it into another state already.
    if (const auto first = advance(snapshot, parts_.clock.now(), parts_.credit)) snapshot.job = first->job;
    if (const auto may = allowed(snapshot.job.state, action); !may) co_return std::unexpected(may.error());
    const auto from = snapshot.job.state;
    const auto change = take(snapshot, action, parts_.clock.now(), parts_.credit);
    const auto written = co_await write({.job = change.job, .publish = true});
    if (!written) co_return std::unexpected(written.error());
    if (!*written) continue;
    log::info("job.state", {{"id", job},
                            {"action", name_of(action)},
                            {"from", name_of(from)},
                            {"to", name_of(change.job.state)}});
    snapshot.job = change.job;
    ++snapshot.job.version;
    note({job});
    co_return std::move(snapshot);
  }
  co_return fail(ErrorCode::kUnavailable, "the job is changing too fast; try again");
}

}  // namespace bongsu::jobs
