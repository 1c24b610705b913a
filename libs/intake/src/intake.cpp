#include <bongsu/core/log.hpp>
#include <bongsu/core/metrics.hpp>
#include <bongsu/intake/intake.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace bongsu::intake {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 250ms;

metrics::Counter& taken(const std::string& topic) {
  return metrics::counter("intake_records_total", "Records that have been taken in", {{"topic", topic}});
}

}  // namespace

Intake::Intake(asio::any_io_executor executor, kafka::Consumer consumer, std::map<std::string, Take> takes,
               DeadLetters& letters, Settings settings)
    : executor_(executor),
      consumer_(std::move(consumer)),
      takes_(std::move(takes)),
      letters_(letters),
      settings_(std::move(settings)),
      changed_(executor) {}

asio::awaitable<void> Intake::run() {
  std::vector<std::string> topics;
  for (const auto& [topic, take] : takes_) topics.push_back(topic);
  if (const auto subscribed = consumer_.subscribe(topics); !subscribed) {
    log::error("intake.not_subscribed", {{"why", subscribed.error().message}});
  }
  while (true) {
    const auto event = co_await consumer_.next_event();
    if (std::holds_alternative<kafka::Closed>(event)) break;
    if (const auto* assigned = std::get_if<kafka::Assigned>(&event)) {
      co_await begin(assigned->partitions);
    } else {
      co_await end(std::holds_alternative<kafka::Lost>(event));
    }
  }
  ended_ = true;
  changed_.notify_all();
}

asio::awaitable<void> Intake::begin(std::vector<kafka::TopicPartition> partitions) {
  // After a loss the readers of before may still be ending: no partition has two.
  while (readers_ > 0) co_await changed_.wait();
  giving_up_ = false;
  while (!stopping_) {
    const auto started = co_await assign(partitions);
    if (started || started.error().code == ErrorCode::kCancelled) break;
    log::warning("intake.not_assigned", {{"why", started.error().message}});
    co_await sleep_for(kPause);
  }
  for (auto& partition : partitions) {
    if (!consumer_.owns(partition)) continue;
    ++readers_;
    spawn(executor_, "intake", read(std::move(partition)));
  }
}

asio::awaitable<Result<void>> Intake::assign(const std::vector<kafka::TopicPartition>& partitions) {
  if (settings_.starts) {
    const auto starts = co_await settings_.starts(partitions);
    if (!starts) co_return std::unexpected(starts.error());
    co_return consumer_.assign_at(*starts);
  }
  const auto started = co_await consumer_.assign(partitions);
  if (!started) co_return std::unexpected(started.error());
  co_return Result<void>{};
}

/// On revoke the batches under way end first: nobody else begins before us.
asio::awaitable<void> Intake::end(bool lost) {
  giving_up_ = true;
  if (lost) {
    if (const auto gone = consumer_.unassign(); !gone)
      log::warning("intake.unassign", {{"why", gone.error().message}});
  } else {
    // Wakes those that wait for records; they see that they are to end.
    changed_.notify_all();
    while (readers_ > 0) co_await changed_.wait();
    if (const auto gone = consumer_.unassign(); !gone)
      log::warning("intake.unassign", {{"why", gone.error().message}});
  }
}

bool Intake::goes_on(const kafka::TopicPartition& partition) const {
  return !giving_up_ && !stopping_ && consumer_.owns(partition);
}

asio::awaitable<void> Intake::read(kafka::TopicPartition partition) {
  while (goes_on(partition)) {
    auto records = consumer_.poll(partition, settings_.batch);
    if (records.empty()) {
      co_await wait_for_records(partition);
      continue;
    }
    const auto next = records.back().offset + 1;
    if (!co_await take(partition, records)) break;
    taken(partition.topic).Increment(static_cast<double>(records.size()));
    co_await commit({.topic = partition.topic, .partition = partition.partition, .offset = next});
  }
  --readers_;
  changed_.notify_all();
}

asio::awaitable<void> Intake::wait_for_records(const kafka::TopicPartition& partition) {
  using namespace asio::experimental::awaitable_operators;
  co_await (consumer_.readable(partition) || changed_.wait());
}

/// Again and again until it is done, or the partition is no longer ours.
asio::awaitable<bool> Intake::take(const kafka::TopicPartition& partition,
                                   const std::vector<kafka::Message>& records) {
  bool told = false;
  while (goes_on(partition)) {
    auto letters = co_await takes_.at(partition.topic)(records);
    if (letters) co_return co_await letters_.write(std::move(*letters));
    if (!told) {
      log::warning(
          "intake.waits",
          {{"topic", partition.topic}, {"code", letters.error().code}, {"why", letters.error().message}});
    }
    told = true;
    co_await sleep_for(kPause);
  }
  co_return false;
}

asio::awaitable<void> Intake::commit(kafka::Position next) {
  const auto committed = co_await consumer_.commit({next});
  // A lost commit is made up for by the next one; or the records come again, which does no harm.
  if (!committed)
    log::warning("intake.not_committed", {{"topic", next.topic}, {"why", committed.error().message}});
}

asio::awaitable<void> Intake::stop() {
  stopping_ = true;
  letters_.give_up();
  changed_.notify_all();
  while (readers_ > 0) co_await changed_.wait();
  co_await consumer_.close();
  while (!ended_) co_await changed_.wait();
}

}  // namespace bongsu::intake
