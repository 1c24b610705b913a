#pragma once
#include "commit_plan.hpp"
#include "halving.hpp"

#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/core/uuid.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace bongsu::gateway {

/// What became of one request that was to be stored.
struct Verdict {
  enum class Kind : std::uint8_t {
    kStored,       ///< now, by this request
    kReplayed,     ///< before, by a request with the same key and body
    kBodyDiffers,  ///< the key belongs to another body
    kTaken,        ///< what must be unique belongs to somebody else
    kInProgress,   ///< the key's first request has not ended
    kFailed,
  };
  Kind kind = Kind::kFailed;
  Uuid id;      ///< of what was stored, now or before
  Error error;  ///< of kFailed
};

inline constexpr std::size_t kVerdictKinds = 6;

/// snake_case, as a metric's label.
constexpr std::string_view name_of(Verdict::Kind kind) {
  constexpr std::array<std::string_view, kVerdictKinds> kNames{"stored", "replayed",    "body_differs",
                                                               "taken",  "in_progress", "failed"};
  return kNames[static_cast<std::size_t>(kind)];
}

using Deadline = std::chrono::steady_clock::time_point;

/// A table that requests are stored in, many at a time.
///
/// An Item has `id` (what it makes) and `identities` (std::vector<Uuid>, not empty: its keys, and what
/// else must be unique), of which no two rows may share one.
template <class Item>
class Store {
 public:
  using Items = std::vector<const Item*>;
  virtual ~Store() = default;

  /// Stores all or none, in one transaction, and tells for each whether it was new. What was there
  /// before stays as it is. Errors: as postgres::Pool; kAlreadyExists and kConflict stand for one item.
  virtual asio::awaitable<Result<std::vector<bool>>> insert(Items items, Deadline deadline) = 0;

  /// What is known of requests that were not new; nothing: nobody has stored any of its identities.
  /// An item that is found under its own id was stored by itself: its answer had been lost.
  virtual asio::awaitable<Result<std::vector<std::optional<Verdict>>>> look_up(Items items,
                                                                               Deadline deadline) = 0;
};

/// One group commit over a Store; see commit().
template <class Item>
class Commit {
 public:
  Commit(Store<Item>& store, const std::vector<Item>& items, Deadline deadline)
      : store_(store), items_(items), deadline_(deadline), verdicts_(items.size()) {}

  asio::awaitable<std::vector<Verdict>> run() {
    std::vector<std::size_t> open(items_.size());
    for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
    // A second round is for what the first one's failure, or somebody's rollback, has left undone.
    for (int round = 0; round < kRounds && !open.empty(); ++round) {
      open = co_await insert(std::move(open));
      if (!open.empty()) open = co_await look_up(std::move(open));
    }
    for (const auto item : open) verdicts_[item].kind = Verdict::Kind::kInProgress;
    co_return std::move(verdicts_);
  }

 private:
  static constexpr int kRounds = 3;
  enum class Written : std::uint8_t { kNew, kKnown, kDone };

  typename Store<Item>::Items pointers(const std::vector<std::size_t>& places) const {
    typename Store<Item>::Items items;
    items.reserve(places.size());
    for (const auto place : places) items.push_back(&items_[place]);
    return items;
  }

  /// Gives back what must be looked up: what was not new, and what waits for another of this batch.
  asio::awaitable<std::vector<std::size_t>> insert(std::vector<std::size_t> open) {
    auto plan = plan_commit(
        open, [this](std::size_t place) -> const std::vector<Uuid>& { return items_[place].identities; });
    auto write = [&](Range range) -> asio::awaitable<Result<std::vector<Written>>> {
      return insert_range(plan.leaders, range);
    };
    auto alone = [&](std::size_t row, const Error& error) { return judge(plan.leaders[row], error); };
    const auto written = co_await write_halving<Written>(plan.leaders.size(), write, alone);
    std::vector<std::size_t> unknown = std::move(plan.followers);
    for (std::size_t i = 0; i < written.size(); ++i) {
      const auto place = plan.leaders[i];
      if (written[i] == Written::kNew) verdicts_[place] = {Verdict::Kind::kStored, items_[place].id, {}};
      if (written[i] == Written::kKnown) unknown.push_back(place);
    }
    co_return unknown;
  }

  asio::awaitable<Result<std::vector<Written>>> insert_range(const std::vector<std::size_t>& leaders,
                                                             Range range) {
    const std::vector<std::size_t> places(leaders.begin() + static_cast<std::ptrdiff_t>(range.first),
                                          leaders.begin() + static_cast<std::ptrdiff_t>(range.last));
    const auto inserted = co_await store_.insert(pointers(places), deadline_);
    if (!inserted) co_return std::unexpected(inserted.error());
    std::vector<Written> written;
    written.reserve(inserted->size());
    for (const bool is_new : *inserted) written.push_back(is_new ? Written::kNew : Written::kKnown);
    co_return written;
  }

  /// An item that failed alone, or with all the others.
  Written judge(std::size_t place, const Error& error) {
    // One of its keys is known, or it may be stored after all: the look-up tells.
    if (error.code == ErrorCode::kAlreadyExists || error.sent == Sent::kMaybe) return Written::kKnown;
    const bool locked = error.code == ErrorCode::kConflict;
    verdicts_[place] = {locked ? Verdict::Kind::kInProgress : Verdict::Kind::kFailed, {}, error};
    return Written::kDone;
  }

  /// Gives back what nobody knows: it can be stored now.
  asio::awaitable<std::vector<std::size_t>> look_up(std::vector<std::size_t> open) {
    const auto found = co_await store_.look_up(pointers(open), deadline_);
    std::vector<std::size_t> unknown;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (!found) {
        verdicts_[open[i]] = {Verdict::Kind::kFailed, {}, found.error()};
      } else if ((*found)[i]) {
        verdicts_[open[i]] = *(*found)[i];
      } else {
        unknown.push_back(open[i]);
      }
    }
    co_return unknown;
  }

  Store<Item>& store_;
  const std::vector<Item>& items_;
  Deadline deadline_;
  std::vector<Verdict> verdicts_;
};

/// Stores all `items` in as few transactions as it can and gives one verdict each, in their order.
///
/// Of items that share an identity the first is stored, and the others get what a later request would
/// get. They go out in the order of their first identity, so that two writers lock in one order. A
/// transaction that fails for a row's sake is halved until that row stands alone (write_halving).
template <class Item>
asio::awaitable<std::vector<Verdict>> commit(Store<Item>& store, std::vector<Item> items, Deadline deadline) {
  Commit<Item> commit{store, items, deadline};
  co_return co_await commit.run();
}

}  // namespace bongsu::gateway
