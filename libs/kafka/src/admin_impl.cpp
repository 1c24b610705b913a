#include "admin_impl.hpp"

#include "errors.hpp"

#include <algorithm>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>

namespace bongsu::kafka {
namespace {

using MetadataHandle = std::unique_ptr<const rd_kafka_metadata_t, Free<&rd_kafka_metadata_destroy>>;

Error closed_error() {
  return Error{.code = ErrorCode::kCancelled, .message = "kafka: the admin client is closed"};
}

TopicMetadata summed_up(const rd_kafka_metadata_topic_t& topic) {
  TopicMetadata sum{.partitions = topic.partition_cnt};
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const auto& partition = topic.partitions[i];
    sum.replication = i == 0 ? partition.replica_cnt : std::min(sum.replication, partition.replica_cnt);
    if (partition.leader < 0) ++sum.leaderless;
  }
  return sum;
}

/// Blocks. Only for the thread of BlockingCalls.
Result<Metadata> fetch_metadata(rd_kafka_t* client, std::chrono::milliseconds timeout) {
  const rd_kafka_metadata_t* fetched = nullptr;
  const auto code = rd_kafka_metadata(client, 1, nullptr, &fetched, static_cast<int>(timeout.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(code, "metadata"));
  const MetadataHandle owned{fetched};
  // Known without a request: from the answer that this call was waiting for.
  Metadata metadata{
      .brokers = fetched->broker_cnt, .controller = rd_kafka_controllerid(client, 0), .topics = {}};
  for (int i = 0; i < fetched->topic_cnt; ++i) {
    const auto& topic = fetched->topics[i];
    if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR || topic.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
      metadata.topics.emplace(topic.topic, summed_up(topic));
  }
  return metadata;
}

using AllBounds = std::map<TopicPartition, PartitionBounds>;

/// Blocks. Only for the thread of BlockingCalls.
Result<AllBounds> fetch_bounds(rd_kafka_t* client, const std::vector<TopicPartition>& partitions,
                               std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  AllBounds all;
  for (const auto& partition : partitions) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    PartitionBounds bounds;
    const auto code = rd_kafka_query_watermark_offsets(
        client, partition.topic.c_str(), partition.partition, &bounds.begin, &bounds.end,
        static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(code, "offsets"));
    all.emplace(partition, bounds);
  }
  return all;
}

}  // namespace

Admin::Impl::Impl(const asio::any_io_executor& executor, ClientHandle client)
    : executor_(executor),
      events_("admin"),
      client_(std::move(client)),
      queue_(executor, QueueHandle{rd_kafka_queue_get_main(client_.get())}) {
  rd_kafka_set_log_queue(client_.get(), nullptr);
}

Admin::Impl::~Impl() { end(); }

asio::awaitable<void> Admin::Impl::serve(std::shared_ptr<Impl> self) {
  while (!self->ended_) {
    self->queue_.clear();
    while (auto event = self->queue_.poll()) self->handle(std::move(event));
    co_await self->queue_.readable();
  }
}

void Admin::Impl::handle(EventHandle event) {
  if (events_.handle(client_.get(), event.get())) return;
  const auto found = waiting_.find(reinterpret_cast<std::uintptr_t>(rd_kafka_event_opaque(event.get())));
  if (found == waiting_.end()) return;
  auto on_answer = std::move(found->second);
  waiting_.erase(found);
  const auto code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    on_answer(std::unexpected(to_error(code, "admin request")));
    return;
  }
  events_.reached();
  on_answer(std::move(event));
}

asio::awaitable<Result<Metadata>> Admin::Impl::metadata(std::shared_ptr<Impl> self,
                                                        std::chrono::milliseconds timeout) {
  if (self->ended_) co_return std::unexpected(closed_error());
  auto fetched = co_await self->blocking_.run(
      [client = self->client_.get(), timeout] { return fetch_metadata(client, timeout); });
  if (fetched) self->events_.reached();
  co_return fetched;
}

asio::awaitable<Result<AllBounds>> Admin::Impl::bounds(std::shared_ptr<Impl> self,
                                                       std::vector<TopicPartition> partitions,
                                                       std::chrono::milliseconds timeout) {
  if (self->ended_) co_return std::unexpected(closed_error());
  auto fetched =
      co_await self->blocking_.run([client = self->client_.get(), partitions = std::move(partitions),
                                    timeout] { return fetch_bounds(client, partitions, timeout); });
  if (fetched) self->events_.reached();
  co_return fetched;
}

asio::awaitable<Result<EventHandle>> Admin::Impl::ask(std::shared_ptr<Impl> self, rd_kafka_admin_op_t kind,
                                                      std::chrono::milliseconds timeout, Request request) {
  if (self->ended_) co_return std::unexpected(closed_error());
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<EventHandle>)>(
      [&](auto handler) {
        self->start(
            kind, timeout, request,
            [handler = std::move(handler), executor = self->executor_](Result<EventHandle> answer) mutable {
              asio::post(executor, [handler = std::move(handler), answer = std::move(answer)]() mutable {
                std::move(handler)(std::move(answer));
              });
            });
      },
      asio::use_awaitable);
}

void Admin::Impl::start(rd_kafka_admin_op_t kind, std::chrono::milliseconds timeout, const Request& request,
                        OnAnswer on_answer) {
  const auto id = ++last_;
  waiting_.emplace(id, std::move(on_answer));
  const OptionsHandle options{rd_kafka_AdminOptions_new(client_.get(), kind)};
  // Values out of range cannot happen: the bounds are an hour.
  const auto milliseconds = static_cast<int>(std::clamp<std::int64_t>(timeout.count(), 1, 3'600'000));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds, nullptr, 0);
  if (kind != RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS)
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), milliseconds, nullptr, 0);
  rd_kafka_AdminOptions_set_opaque(options.get(), reinterpret_cast<void*>(id));
  request(client_.get(), options.get(), queue_.get());
}

void Admin::Impl::end() {
  if (ended_) return;
  ended_ = true;
  queue_.close();
  blocking_.join();
  for (auto& [id, on_answer] : std::exchange(waiting_, {})) on_answer(std::unexpected(closed_error()));
  client_.reset();
}

}  // namespace bongsu::kafka
