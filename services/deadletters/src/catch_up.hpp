#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/kafka/admin.hpp>
#include <bongsu/postgres/pool.hpp>

#include <functional>
#include <string>
#include <vector>

namespace bongsu::deadletters {

/// How far reading has come.
struct Progress {
  std::int64_t read = 0;
  std::int64_t total = 0;  ///< 0: not known yet
};
/// 0 to 100. Pure.
int percent_of(const Progress& progress);

/// Tells when the index has taken in what lay on its topics at the start.
/// Errors: none come out; Kafka or PostgreSQL away: it waits.
/// Threads: the io_context's one thread. Lifetime: until run() has returned; `pool` outlives it.
class CatchUp {
 public:
  CatchUp(asio::any_io_executor executor, kafka::ClusterSettings cluster, postgres::Pool& pool,
          std::vector<std::string> topics)
      : executor_(std::move(executor)),
        cluster_(std::move(cluster)),
        pool_(pool),
        topics_(std::move(topics)) {}

  /// Returns when it has caught up, or after stop(). `told` is called with each step.
  asio::awaitable<bool> run(std::function<void(const Progress&)> told);
  void stop() { stopping_ = true; }

 private:
  using Bounds = std::map<kafka::TopicPartition, kafka::PartitionBounds>;
  asio::awaitable<Bounds> look_up_bounds();

  asio::any_io_executor executor_;
  kafka::ClusterSettings cluster_;
  postgres::Pool& pool_;
  std::vector<std::string> topics_;
  bool stopping_ = false;
};

/// Empties the index so that it is read from the topics again, and says that nothing is to be served until
/// finish_rebuild(). What was decided must have been published before.
/// Errors: kConflict: another process works on this index; as postgres::Pool.
asio::awaitable<Result<void>> begin_rebuild(postgres::Pool& pool, std::string own_application_name);
asio::awaitable<Result<void>> finish_rebuild(postgres::Pool& pool);
/// Whether one was begun and is not finished: its process may have died.
asio::awaitable<Result<bool>> is_rebuilding(postgres::Pool& pool);

}  // namespace bongsu::deadletters
