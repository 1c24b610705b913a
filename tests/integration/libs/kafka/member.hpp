#pragma once
#include <bongsu/kafka/consumer.hpp>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bongsu::kafka {

/// A member of a group as the delivery library is one: takes what it is given, reads a few records at a
/// time, commits what it has read when it must give up. Outlive it with the loop: leave() first.
class Member {
 public:
  /// Everything read, of all members together, in the order it was read.
  using Seen = std::map<TopicPartition, std::vector<std::int64_t>>;

  Member(const asio::any_io_executor& executor, const ConsumerSettings& settings, const std::string& topic,
         Seen& seen)
      : executor_(executor), consumer_(Consumer::open(executor, settings).value()), seen_(seen) {
    EXPECT_TRUE(consumer_.subscribe({topic}));
    spawn(executor, "member", follow(*this));
  }

  std::size_t partitions() const { return next_.size(); }

  asio::awaitable<bool> leave() {
    co_await give_up();
    co_await consumer_.close();
    while (under_way_ > 0) co_await asio::post(asio::use_awaitable);
    co_return true;
  }

 private:
  static asio::awaitable<void> follow(Member& self) {
    ++self.under_way_;
    for (;;) {
      const auto event = co_await self.consumer_.next_event();
      if (const auto* given = std::get_if<Assigned>(&event)) co_await self.take(given->partitions);
      if (std::holds_alternative<Revoked>(event)) co_await self.give_up();
      if (std::holds_alternative<Lost>(event)) self.drop();
      if (std::holds_alternative<Closed>(event)) break;
    }
    --self.under_way_;
  }

  asio::awaitable<void> take(std::vector<TopicPartition> partitions) {
    auto starts = co_await consumer_.assign(partitions);
    while (!starts && starts.error().code != ErrorCode::kCancelled)
      starts = co_await consumer_.assign(partitions);
    if (!starts) co_return;  // it left meanwhile
    reading_ = true;
    for (const auto& start : *starts) {
      next_[start.partition] = start.committed.value_or(0);
      spawn(executor_, "reader", read(*this, start.partition));
    }
  }

  static asio::awaitable<void> read(Member& self, TopicPartition partition) {
    ++self.under_way_;
    while (self.reading_ && self.consumer_.owns(partition)) {
      for (const auto& message : self.consumer_.poll(partition, 37)) {
        self.seen_[partition].push_back(message.offset);
        self.next_[partition] = message.offset + 1;
      }
      co_await asio::post(asio::use_awaitable);  // the others' turn
      co_await self.consumer_.readable(partition);
    }
    --self.under_way_;
  }

  asio::awaitable<void> give_up() {
    reading_ = false;  // what is read from here on would not be committed
    std::vector<Position> next;
    for (const auto& [partition, offset] : next_)
      next.push_back({partition.topic, partition.partition, offset});
    auto committed = co_await consumer_.commit(next);
    while (!committed && is_away(committed.error())) {  // a broker that has just come back
      co_await sleep_for(std::chrono::milliseconds{50});
      committed = co_await consumer_.commit(next);
    }
    // Whose session has ended before it could know may not commit: what it has read is read again.
    EXPECT_TRUE(committed || committed.error().code == ErrorCode::kConflict) << committed.error().message;
    drop();
  }

  static bool is_away(const Error& error) {
    return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
  }

  void drop() {
    reading_ = false;
    next_.clear();
    EXPECT_TRUE(consumer_.unassign());
  }

  asio::any_io_executor executor_;
  Consumer consumer_;
  Seen& seen_;
  std::map<TopicPartition, std::int64_t> next_;
  bool reading_ = false;
  int under_way_ = 0;
};

}  // namespace bongsu::kafka
