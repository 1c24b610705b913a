#pragma once
#include "bulk/job_store.hpp"
#include "bulk/request_maker.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/kafka/producer.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace bongsu::gateway {

struct ExpanderSettings {
  std::size_t parallel = 2;       ///< slices under way at a time
  std::size_t pages_at_once = 4;  ///< pages that a slice has at most
  /// How long whoever froze a page has it to themselves, before another takes it over.
  std::chrono::milliseconds lease = std::chrono::seconds{30};
};

/// Turns jobs into requests: freezes pages as far as jobs gives credit, produces their requests, tells
/// jobs, and forgets the page. Slices of several jobs, and of several replicas, go on side by side.
///
/// What a crash leaves behind, by step:
///   frozen, not all produced: taken over after the lease, by whoever comes first; the same members
///     get the same ids, so what is on the topic twice is sent once;
///   produced, jobs not told, or told and the page not forgotten: the same, and jobs counts a page once.
/// While Kafka or PostgreSQL is away it waits and goes on by itself.
/// Threads: the io_context's one thread. Lifetime: what it refers to outlives it; until run() has returned.
class Expander {
 public:
  using OpenProducer = std::function<Result<kafka::Producer>()>;

  Expander(asio::any_io_executor executor, JobStore& jobs, const RequestMaker& requests, const Clock& clock,
           OpenProducer open_producer, ExpanderSettings settings);

  /// Works until stop(). Call once.
  asio::awaitable<void> run();
  /// The slices under way end, if they can within `drain`; what is left is taken over.
  asio::awaitable<void> stop(std::chrono::milliseconds drain);

  /// There may be work. Without, it looks once a second.
  void wake() { work_.notify_all(); }

 private:
  struct Delivery;
  asio::awaitable<void> work();
  asio::awaitable<bool> step();
  asio::awaitable<Result<std::optional<Slice>>> freeze();
  asio::awaitable<bool> count_one();
  asio::awaitable<void> publish(Slice slice);
  asio::awaitable<bool> produce_all(const Slice& slice, const BulkMessage& message);
  asio::awaitable<bool> tell_jobs(const Slice& slice);
  asio::awaitable<bool> settle(const Slice& slice);
  asio::awaitable<bool> send(kafka::Record record, std::shared_ptr<Delivery> delivery);
  asio::awaitable<bool> all_reported(std::shared_ptr<Delivery> delivery);
  asio::awaitable<void> pause(std::string_view what, const Error& why);
  std::shared_ptr<kafka::Producer> producer();

  asio::any_io_executor executor_;
  JobStore& jobs_;
  const RequestMaker& requests_;
  const Clock& clock_;
  OpenProducer open_producer_;
  ExpanderSettings settings_;
  std::shared_ptr<kafka::Producer> producer_;
  Signal work_;
  Signal ended_;
  std::size_t workers_ = 0;
  std::uint64_t frozen_ = 0;  ///< slices, by all workers
  bool stopping_ = false;
  bool out_of_time_ = false;
};

}  // namespace bongsu::gateway
