#pragma once
#include <bongsu/core/signal.hpp>
#include <bongsu/intake/dead_letters.hpp>
#include <bongsu/kafka/consumer.hpp>

#include <functional>
#include <map>
#include <string>

namespace bongsu::intake {

/// What is done with a batch of one topic's records: all of them, or an error, and they come again.
using Take = std::function<asio::awaitable<Result<std::vector<DeadLetter>>>(
    const std::vector<kafka::Message>& records)>;

/// Where reading begins, for an owner that keeps its offsets beside what it makes of the records. Nothing
/// kept: at the earliest.
using Starts = std::function<asio::awaitable<Result<std::vector<kafka::PartitionStart>>>(
    const std::vector<kafka::TopicPartition>& partitions)>;

struct Settings {
  /// Records of one partition that are taken together, at most.
  std::size_t batch = 1000;
  /// None: at the offsets that the group has committed.
  Starts starts;
};

/// Reads topics, a batch of each partition at a time: taken, dead letters
/// written, committed, in this order; so everything is seen at least once, and what takes it must bear
/// seeing it again. While PostgreSQL or Kafka is away it waits and goes on by itself.
/// Threads: the io_context's one thread. Lifetime: until run() has returned.
class Intake {
 public:
  /// `takes` by topic. `letters` outlives it.
  Intake(asio::any_io_executor executor, kafka::Consumer consumer, std::map<std::string, Take> takes,
         DeadLetters& letters, Settings settings = {});

  /// Works until stop(). Call once.
  asio::awaitable<void> run();

  /// Ends the batches under way, leaves the group, and run() returns.
  asio::awaitable<void> stop();

 private:
  asio::awaitable<void> begin(std::vector<kafka::TopicPartition> partitions);
  asio::awaitable<Result<void>> assign(const std::vector<kafka::TopicPartition>& partitions);
  asio::awaitable<void> end(bool lost);
  asio::awaitable<void> read(kafka::TopicPartition partition);
  asio::awaitable<void> wait_for_records(const kafka::TopicPartition& partition);
  asio::awaitable<bool> take(const kafka::TopicPartition& partition,
                             const std::vector<kafka::Message>& records);
  asio::awaitable<void> commit(kafka::Position next);
  bool goes_on(const kafka::TopicPartition& partition) const;

  asio::any_io_executor executor_;
  kafka::Consumer consumer_;
  std::map<std::string, Take> takes_;
  DeadLetters& letters_;
  Settings settings_;
  Signal changed_;
  int readers_ = 0;
  bool giving_up_ = false;
  bool stopping_ = false;
  bool ended_ = false;
};

}  // namespace bongsu::intake
