#pragma once
#include "handle.hpp"

#include <bongsu/core/asio.hpp>

#include <cstdint>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace bongsu::kafka {

/// One of librdkafka's queues, waking Asio through an eventfd when it becomes non-empty.
///
/// The wake-up comes only on the way from empty to non-empty, and what came before this was made gives
/// none. So: clear(), then read until the queue gives nothing, and only then wait in readable(). Who stops
/// reading earlier must not wait.
/// Threads: the io_context's one thread; librdkafka's threads only write to the eventfd.
/// Lifetime: close() before the client's handle goes away; a wait under way then returns.
class EventQueue {
 public:
  EventQueue(const asio::any_io_executor& executor, QueueHandle queue);
  ~EventQueue() { close(); }
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  rd_kafka_queue_t* get() const { return queue_.get(); }
  bool is_open() const { return queue_ != nullptr; }

  /// The next event that is here, or none.
  EventHandle poll() { return EventHandle{queue_ ? rd_kafka_queue_poll(queue_.get(), 0) : nullptr}; }

  /// Forgets wake-ups up to now.
  void clear();

  /// Returns when there was a wake-up since the last clear(), or after close(). Losing the wait to
  /// another one loses no wake-up.
  asio::awaitable<void> readable();

  /// No more wake-ups; gives the queue up.
  void close();

 private:
  // librdkafka keeps the address of what it writes as long as wake-ups are on.
  static constexpr std::uint64_t kOne = 1;

  asio::posix::stream_descriptor wakeups_;
  QueueHandle queue_;
};

}  // namespace bongsu::kafka
