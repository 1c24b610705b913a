#pragma once
#include "group_commit.hpp"

#include <bongsu/core/batcher.hpp>
#include <bongsu/core/metrics.hpp>

#include <array>
#include <functional>
#include <string>

namespace bongsu::gateway {

struct GroupCommitSettings {
  std::size_t max_batch = 512;
  std::size_t max_parallel = 2;
};

/// Where handlers bring what they want stored: requests that arrive together share a transaction.
///
/// A request is answered within kPatience, also when PostgreSQL does not answer: one that has waited
/// for its turn too long is not stored any more (kFailed, kUnavailable).
/// Threads: the io_context's one thread. Lifetime: `store` outlives it; it outlives what it was asked.
template <class Item>
class Acceptor {
 public:
  static constexpr std::chrono::milliseconds kPatience{1800};

  /// `what` is stored, for the metrics; `on_stored` is called after each commit that stored something.
  Acceptor(asio::any_io_executor executor, const std::string& what, Store<Item>& store,
           GroupCommitSettings settings, std::function<void()> on_stored)
      : store_(store),
        counters_(make_counters(what)),
        on_stored_(std::move(on_stored)),
        batcher_(std::move(executor), settings.max_batch, settings.max_parallel,
                 [this](std::vector<Waiting> batch) { return store_batch(std::move(batch)); }) {}

  asio::awaitable<Verdict> accept(Item item) {
    return batcher_.submit(Waiting{std::move(item), std::chrono::steady_clock::now() + kPatience});
  }

  /// A batch that came as one goes out as one.
  asio::awaitable<std::vector<Verdict>> accept_all(std::vector<Item> items) {
    auto verdicts = co_await commit(store_, std::move(items), std::chrono::steady_clock::now() + kPatience);
    tell(verdicts);
    co_return verdicts;
  }

  std::size_t pending() const { return batcher_.pending(); }

 private:
  struct Waiting {
    Item item;
    Deadline deadline;
  };

  asio::awaitable<std::vector<Verdict>> store_batch(std::vector<Waiting> batch) {
    std::vector<Item> items;
    items.reserve(batch.size());
    // The first one has waited longest: the batch is not later than any of its requests allows.
    const auto deadline = batch.front().deadline;
    for (auto& waiting : batch) items.push_back(std::move(waiting.item));
    auto verdicts = co_await commit(store_, std::move(items), deadline);
    tell(verdicts);
    co_return verdicts;
  }

  void tell(const std::vector<Verdict>& verdicts) {
    std::array<double, kVerdictKinds> counts{};
    for (const auto& verdict : verdicts) ++counts[static_cast<std::size_t>(verdict.kind)];
    for (std::size_t kind = 0; kind < counts.size(); ++kind) {
      if (counts[kind] > 0) counters_[kind]->Increment(counts[kind]);
    }
    if (counts[static_cast<std::size_t>(Verdict::Kind::kStored)] > 0) on_stored_();
  }

  static std::array<metrics::Counter*, kVerdictKinds> make_counters(const std::string& what) {
    std::array<metrics::Counter*, kVerdictKinds> counters{};
    for (std::size_t kind = 0; kind < counters.size(); ++kind) {
      const auto name = std::string{name_of(static_cast<Verdict::Kind>(kind))};
      counters[kind] =
          &metrics::counter("gateway_requests_judged_total", "What became of requests to store something",
                            {{"what", what}, {"verdict", name}});
    }
    return counters;
  }

  Store<Item>& store_;
  std::array<metrics::Counter*, kVerdictKinds> counters_;
  std::function<void()> on_stored_;
  Batcher<Waiting, Verdict> batcher_;
};

}  // namespace bongsu::gateway
