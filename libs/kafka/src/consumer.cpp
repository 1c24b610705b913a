#include "configuration.hpp"
#include "consumer_impl.hpp"

#include <bongsu/kafka/consumer.hpp>

namespace bongsu::kafka {

Result<Consumer> Consumer::open(const asio::any_io_executor& executor, const ConsumerSettings& settings) {
  auto client = configuration_of(settings).create(RD_KAFKA_CONSUMER);
  if (!client) return std::unexpected(client.error());
  auto impl = std::make_shared<Impl>(executor, std::move(*client));
  spawn(executor, "kafka.consumer", Impl::serve(impl));
  return Consumer{std::move(impl)};
}

Consumer::Consumer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Consumer::Consumer(Consumer&& other) noexcept = default;

Consumer& Consumer::operator=(Consumer&& other) noexcept {
  if (this == &other) return *this;
  if (impl_) impl_->end();
  impl_ = std::move(other.impl_);
  return *this;
}

Consumer::~Consumer() {
  if (impl_) impl_->end();
}

Result<void> Consumer::subscribe(const std::vector<std::string>& topics) { return impl_->subscribe(topics); }

asio::awaitable<GroupEvent> Consumer::next_event() { return Impl::next_event(impl_); }

asio::awaitable<Result<std::vector<PartitionStart>>> Consumer::assign(
    std::vector<TopicPartition> partitions) {
  return Impl::assign(impl_, std::move(partitions));
}

Result<void> Consumer::assign_at(const std::vector<PartitionStart>& starts) {
  return impl_->assign_at(starts);
}

Result<void> Consumer::unassign() { return impl_->unassign(); }

bool Consumer::owns(const TopicPartition& partition) const { return impl_->owns(partition); }

std::vector<Message> Consumer::poll(const TopicPartition& partition, std::size_t max_records) {
  return impl_->poll(partition, max_records);
}

asio::awaitable<void> Consumer::readable(TopicPartition partition) {
  return Impl::readable(impl_, std::move(partition));
}

asio::awaitable<Result<void>> Consumer::commit(std::vector<Position> next) {
  return Impl::commit(impl_, std::move(next));
}

asio::awaitable<Result<std::optional<std::int64_t>>> Consumer::committed(TopicPartition partition) {
  auto found = co_await Impl::committed(impl_, {std::move(partition)});
  if (!found) co_return std::unexpected(found.error());
  co_return found->front().committed;
}

asio::awaitable<void> Consumer::close() { return Impl::close(impl_); }

}  // namespace bongsu::kafka
