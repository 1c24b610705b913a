// What a consumer knows and says of committed offsets.
#include "consumer_impl.hpp"
#include "conversion.hpp"
#include "errors.hpp"
#include "metrics.hpp"

#include <bongsu/core/assert.hpp>

#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>

namespace bongsu::kafka {
namespace {

constexpr int kLookUpTimeoutMs = 5'000;

Error closed_error() {
  return Error{.code = ErrorCode::kCancelled, .message = "kafka: the consumer is closed"};
}

/// The commit's error, or that of its first partition that has one.
Result<void> outcome_of(rd_kafka_event_t* event) {
  auto code = rd_kafka_event_error(event);
  const auto* list = rd_kafka_event_topic_partition_list(event);
  for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && list != nullptr && i < list->cnt; ++i)
    code = list->elems[i].err;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  auto error = to_error(code, "commit");
  if (error.code == ErrorCode::kTimeout || error.code == ErrorCode::kUnavailable) error.sent = Sent::kMaybe;
  return std::unexpected(std::move(error));
}

/// Blocks. Only for the thread of BlockingCalls.
Result<std::vector<PartitionStart>> look_up(rd_kafka_t* client,
                                            const std::vector<TopicPartition>& partitions) {
  const auto list = to_native(partitions);
  const auto code = rd_kafka_committed(client, list.get(), kLookUpTimeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(code, "committed offsets"));
  std::vector<PartitionStart> starts;
  starts.reserve(partitions.size());
  for (int i = 0; i < list->cnt; ++i) {
    const auto& entry = list->elems[i];
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return std::unexpected(to_error(entry.err, "committed offsets"));
    PartitionStart start{.partition = {entry.topic, entry.partition}, .committed = {}};
    if (entry.offset >= 0) start.committed = entry.offset;
    starts.push_back(std::move(start));
  }
  return starts;
}

}  // namespace

asio::awaitable<Result<std::vector<PartitionStart>>> Consumer::Impl::committed(
    std::shared_ptr<Impl> self, std::vector<TopicPartition> partitions) {
  if (self->ended_ || self->closing_) co_return std::unexpected(closed_error());
  if (partitions.empty()) co_return std::vector<PartitionStart>{};
  ++self->blocking_calls_;
  auto found =
      co_await self->blocking_.run([client = self->client_.get(), partitions = std::move(partitions)] {
        return look_up(client, partitions);
      });
  --self->blocking_calls_;
  self->changed_.notify_all();
  co_return found;
}

asio::awaitable<Result<void>> Consumer::Impl::commit(std::shared_ptr<Impl> self, std::vector<Position> next) {
  if (self->ended_ || self->closing_) co_return std::unexpected(closed_error());
  if (next.empty()) co_return Result<void>{};
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<void>)>(
      [&](auto handler) {
        // Posted: who goes on may close the consumer, and this is its event loop.
        self->start_commit(
            next, [handler = std::move(handler), executor = self->executor_](Result<void> outcome) mutable {
              asio::post(executor, [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
                std::move(handler)(std::move(outcome));
              });
            });
      },
      asio::use_awaitable);
}

void Consumer::Impl::start_commit(const std::vector<Position>& next, OnCommitted on_committed) {
  const PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(next.size()))};
  for (const auto& [topic, partition, offset] : next)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  // An id instead of an address: an answer that comes after the end finds nobody, not freed memory.
  const auto id = ++last_commit_;
  commits_.emplace(id, std::move(on_committed));
  const auto asked =
      rd_kafka_commit_queue(client_.get(), list.get(), queue_.get(), nullptr, reinterpret_cast<void*>(id));
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) {
    auto waiting = std::move(commits_.extract(id).mapped());
    waiting(std::unexpected(to_error(asked, "commit")));
  }
}

void Consumer::Impl::on_committed(rd_kafka_event_t* event) {
  const auto found = commits_.find(reinterpret_cast<std::uintptr_t>(rd_kafka_event_opaque(event)));
  if (found == commits_.end()) return;
  auto waiting = std::move(found->second);
  commits_.erase(found);
  auto outcome = outcome_of(event);
  (outcome ? consumer_metrics().commits : consumer_metrics().failed_commits).Increment();
  if (outcome) events_.reached();
  waiting(std::move(outcome));
}

}  // namespace bongsu::kafka
