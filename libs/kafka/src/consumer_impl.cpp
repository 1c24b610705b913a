#include "consumer_impl.hpp"

#include "conversion.hpp"
#include "errors.hpp"
#include "metrics.hpp"

#include <bongsu/core/log.hpp>

#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace bongsu::kafka {
namespace {

constexpr auto kServed = std::chrono::seconds{1};
constexpr auto kServedWhileClosing = std::chrono::milliseconds{50};
constexpr auto kLeavingTimeout = std::chrono::seconds{5};

Error closed_error() {
  return Error{.code = ErrorCode::kCancelled, .message = "kafka: the consumer is closed"};
}

}  // namespace

Consumer::Impl::Impl(const asio::any_io_executor& executor, ClientHandle client)
    : executor_(executor),
      events_("consumer"),
      changed_(executor),
      client_(std::move(client)),
      queue_(executor, QueueHandle{rd_kafka_queue_get_consumer(client_.get())}) {
  rd_kafka_poll_set_consumer(client_.get());  // the main queue's events come on the consumer's
  rd_kafka_set_log_queue(client_.get(), nullptr);
}

Consumer::Impl::~Impl() { end(); }

asio::awaitable<void> Consumer::Impl::serve(std::shared_ptr<Impl> self) {
  using namespace asio::experimental::awaitable_operators;
  while (!self->ended_) {
    self->queue_.clear();
    while (auto event = self->queue_.poll()) self->handle(event.get());
    if (self->closing_) self->changed_.notify_all();
    const std::chrono::steady_clock::duration longest = self->closing_ ? kServedWhileClosing : kServed;
    co_await (self->queue_.readable() || sleep_for(longest));
  }
}

void Consumer::Impl::handle(rd_kafka_event_t* event) {
  if (events_.handle(client_.get(), event)) return;
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_REBALANCE:
      on_rebalance(event);
      return;
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      on_committed(event);
      return;
    default:
      // Every partition's queue is off the main one, so no record can be here.
      log::warning("kafka.unexpected_event", {{"event", rd_kafka_event_name(event)}});
  }
}

void Consumer::Impl::on_rebalance(rd_kafka_event_t* event) {
  auto& metrics = consumer_metrics();
  const auto code = rd_kafka_event_error(event);
  auto partitions = to_partitions(rd_kafka_event_topic_partition_list(event));
  const bool given = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  const bool lost = !given && rd_kafka_assignment_lost(client_.get()) != 0;
  (given ? metrics.assigned : lost ? metrics.lost : metrics.revoked).Increment();
  log::info(given  ? "kafka.assigned"
            : lost ? "kafka.lost"
                   : "kafka.revoked",
            {{"partitions", partitions.size()}});
  if (closing_) {
    rd_kafka_assign(client_.get(), nullptr);  // nobody is there to answer any more
    return;
  }
  if (given) {
    events_.reached();
    group_events_.emplace_back(Assigned{std::move(partitions)});
  } else if (lost || code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
    group_events_.emplace_back(Lost{std::move(partitions)});
  } else {
    group_events_.emplace_back(Revoked{std::move(partitions)});
  }
  changed_.notify_all();
}

asio::awaitable<GroupEvent> Consumer::Impl::next_event(std::shared_ptr<Impl> self) {
  while (self->group_events_.empty() && !self->ended_) co_await self->changed_.wait();
  if (self->group_events_.empty()) co_return Closed{};
  auto event = std::move(self->group_events_.front());
  self->group_events_.pop_front();
  co_return event;
}

Result<void> Consumer::Impl::subscribe(const std::vector<std::string>& topics) {
  if (ended_ || closing_) return std::unexpected(closed_error());
  const PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()))};
  for (const auto& topic : topics)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto done = rd_kafka_subscribe(client_.get(), list.get());
  if (done != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(done, "subscribe"));
  return {};
}

asio::awaitable<Result<std::vector<PartitionStart>>> Consumer::Impl::assign(
    std::shared_ptr<Impl> self, std::vector<TopicPartition> partitions) {
  auto starts = co_await committed(self, std::move(partitions));
  if (!starts) co_return std::unexpected(starts.error());
  if (self->ended_ || self->closing_) co_return std::unexpected(closed_error());
  const auto fetching = self->start_fetching(*starts);
  if (!fetching) co_return std::unexpected(fetching.error());
  co_return std::move(*starts);
}

Result<void> Consumer::Impl::assign_at(const std::vector<PartitionStart>& starts) {
  if (ended_ || closing_) return std::unexpected(closed_error());
  return start_fetching(starts);
}

Result<void> Consumer::Impl::start_fetching(const std::vector<PartitionStart>& starts) {
  release_partitions();
  const PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(starts.size()))};
  for (const auto& [partition, committed] : starts) {
    partitions_.emplace(partition, std::make_shared<PartitionQueue>(executor_, client_.get(), partition,
                                                                    interned(partition.topic)));
    auto* entry = rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
    entry->offset = committed.value_or(RD_KAFKA_OFFSET_BEGINNING);
  }
  const auto done = rd_kafka_assign(client_.get(), list.get());
  if (done != RD_KAFKA_RESP_ERR_NO_ERROR) {
    release_partitions();
    return std::unexpected(to_error(done, "assign"));
  }
  consumer_metrics().partitions.Increment(static_cast<double>(partitions_.size()));
  counted_ = partitions_.size();
  return {};
}

void Consumer::Impl::release_partitions() {
  for (auto& [partition, queue] : partitions_) queue->close();
  partitions_.clear();
  consumer_metrics().partitions.Decrement(static_cast<double>(std::exchange(counted_, 0)));
}

Result<void> Consumer::Impl::unassign() {
  if (ended_) return {};
  release_partitions();  // before librdkafka throws away what they hold
  const auto done = rd_kafka_assign(client_.get(), nullptr);
  if (done != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(done, "unassign"));
  return {};
}

bool Consumer::Impl::owns(const TopicPartition& partition) const { return partitions_.contains(partition); }

std::vector<Message> Consumer::Impl::poll(const TopicPartition& partition, std::size_t max_records) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return {};
  auto messages = found->second->poll(max_records);
  if (!messages.empty()) events_.reached();
  return messages;
}

asio::awaitable<void> Consumer::Impl::readable(std::shared_ptr<Impl> self, TopicPartition partition) {
  const auto found = self->partitions_.find(partition);
  if (found == self->partitions_.end()) co_return;
  const auto queue = found->second;
  co_await queue->readable();
}

asio::awaitable<void> Consumer::Impl::close(std::shared_ptr<Impl> self) {
  if (self->ended_ || self->closing_) co_return;
  self->closing_ = true;
  const auto deadline = std::chrono::steady_clock::now() + kLeavingTimeout;
  // An event that nobody answered would keep the group waiting: this answers it.
  self->group_events_.clear();
  if (const auto done = self->unassign(); !done) log::warning("kafka.close", {{"why", done.error().message}});
  if (auto* error = rd_kafka_consumer_close_queue(self->client_.get(), self->queue_.get()); error != nullptr)
    log::warning("kafka.close", {{"why", to_error(error, "close").message}});
  while (!self->ended_ && (rd_kafka_consumer_closed(self->client_.get()) == 0 || self->blocking_calls_ > 0)) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) break;
    co_await self->changed_.wait_for(left);
  }
  self->end();
}

void Consumer::Impl::end() {
  if (ended_) return;
  ended_ = true;
  release_partitions();
  queue_.close();
  blocking_.join();
  for (auto& [id, on_committed] : std::exchange(commits_, {})) on_committed(std::unexpected(closed_error()));
  client_.reset();
  group_events_.clear();
  changed_.notify_all();
}

}  // namespace bongsu::kafka
