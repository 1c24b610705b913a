#include "catch_up.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/intake/offsets.hpp>

#include <algorithm>

namespace bongsu::deadletters {
namespace {

using namespace std::chrono_literals;
using postgres::Params;

constexpr auto kLookUp = 5s;
constexpr auto kPause = 250ms;
constexpr auto kEmptying = 60s;

/// Records below what is stored, of those that lay there at the start.
Progress progress_of(const std::map<kafka::TopicPartition, kafka::PartitionBounds>& bounds,
                     const std::vector<kafka::PartitionStart>& stored) {
  Progress progress;
  for (const auto& start : stored) {
    const auto& [begin, end] = bounds.at(start.partition);
    progress.total += end - begin;
    progress.read += std::clamp(start.committed.value_or(begin), begin, end) - begin;
  }
  return progress;
}

}  // namespace

int percent_of(const Progress& progress) {
  return progress.total == 0 ? 0 : static_cast<int>(progress.read * 100 / progress.total);
}

asio::awaitable<CatchUp::Bounds> CatchUp::look_up_bounds() {
  bool told = false;
  while (!stopping_) {
    auto admin = kafka::Admin::open(executor_, cluster_);
    auto bounds =
        admin ? co_await admin->bounds(topics_, kLookUp) : Result<Bounds>{std::unexpected(admin.error())};
    if (bounds) co_return std::move(*bounds);
    if (!told) log::warning("index.waits", {{"why", bounds.error().message}});
    told = true;
    co_await sleep_for(kPause);
  }
  co_return Bounds{};
}

asio::awaitable<bool> CatchUp::run(std::function<void(const Progress&)> told) {
  const auto bounds = co_await look_up_bounds();
  std::vector<kafka::TopicPartition> partitions;
  partitions.reserve(bounds.size());
  for (const auto& [partition, its] : bounds) partitions.push_back(partition);
  while (!stopping_) {
    const auto stored = co_await intake::stored_offsets(pool_, partitions);
    if (stored) {
      const auto progress = progress_of(bounds, *stored);
      told(progress);
      if (progress.read == progress.total) co_return true;
    }
    co_await sleep_for(kPause);
  }
  co_return false;
}

asio::awaitable<Result<void>> begin_rebuild(postgres::Pool& pool, std::string own_application_name) {
  const auto others = co_await pool.query(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
      "AND starts_with(application_name, 'bongsu-deadletters') AND NOT starts_with(application_name, $1)",
      Params::of(own_application_name));
  if (!others) co_return std::unexpected(others.error());
  if (others->get<std::int64_t>(0, 0) > 0) {
    co_return fail(ErrorCode::kConflict,
                   "another deadletters process works on this index: stop all of them, then rebuild");
  }
  const auto emptied = co_await pool.query("SELECT forget_index()", {}, kEmptying);
  if (!emptied) co_return std::unexpected(emptied.error());
  co_return Result<void>{};
}

asio::awaitable<Result<void>> finish_rebuild(postgres::Pool& pool) {
  const auto done = co_await pool.query("DELETE FROM rebuild");
  if (!done) co_return std::unexpected(done.error());
  co_return Result<void>{};
}

asio::awaitable<Result<bool>> is_rebuilding(postgres::Pool& pool) {
  const auto rows = co_await pool.query("SELECT EXISTS (SELECT FROM rebuild)");
  if (!rows) co_return std::unexpected(rows.error());
  co_return rows->get<bool>(0, 0);
}

}  // namespace bongsu::deadletters
