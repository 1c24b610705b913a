#pragma once
#include "estimate.hpp"
#include "event_maker.hpp"
#include "job_store.hpp"
#include "progress.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/jobs/v1/jobs.pb.h>

#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace bongsu::jobs {

/// What many watchers of one job look at.
struct Watched {
  explicit Watched(const asio::any_io_executor& executor) : changed(executor) {}
  std::shared_ptr<const v1::Job> job;  ///< none: not read yet
  std::uint64_t version = 0;           ///< raised with each change
  bool missing = false;
  Signal changed;
};

/// Moves jobs on as their counts do, publishes their control, and keeps what watchers see up to date.
///
/// Every 100 ms one statement reads the jobs that are watched or had results here; every second all that have
/// not ended, also those whose results another replica counts. What follows is decided by advance() and
/// written with its event where the row is still as it was read; two replicas that decide at once write once.
/// Errors: none come out; PostgreSQL away: it waits.
/// Threads: the io_context's one thread. Lifetime: until run() has returned; what it refers to outlives it.
class Overseer {
 public:
  struct Parts {
    asio::any_io_executor executor;
    JobStore& store;
    const EventMaker& events;
    const Clock& clock;
    CreditSettings credit;
    Limits limits;
    std::function<void()> on_stored;  ///< events wait in the outbox
  };
  explicit Overseer(Parts parts);

  asio::awaitable<void> run();
  void stop();

  /// Something of these jobs has changed: look at them soon.
  void note(const std::set<Uuid>& jobs);
  /// Kept up to date for as long as somebody holds it.
  std::shared_ptr<Watched> watch(const Uuid& job);

  /// The job as it is shown now.
  v1::Job view(const Snapshot& snapshot) const;
  /// What the action makes of the job. Errors: kNotFound, kConflict (it is in no state for that), as
  /// JobStore.
  asio::awaitable<Result<Snapshot>> act(Uuid job, Action action);

 private:
  asio::awaitable<void> look(std::vector<Snapshot> snapshots);
  asio::awaitable<Snapshot> moved_on(Snapshot snapshot);
  asio::awaitable<Result<bool>> write(const Change& change);
  void show(const Snapshot& snapshot);
  std::vector<Uuid> due();
  void forget(const std::vector<Snapshot>& open);

  Parts parts_;
  Signal wake_;
  std::unordered_set<Uuid> noted_;
  std::unordered_map<Uuid, std::weak_ptr<Watched>> watched_;
  std::unordered_map<Uuid, Rate> rates_;
  bool stopping_ = false;
  bool told_away_ = false;
};

}  // namespace bongsu::jobs
