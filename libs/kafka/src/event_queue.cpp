#include "event_queue.hpp"

#include <bongsu/core/assert.hpp>

#include <boost/asio/redirect_error.hpp>
#include <sys/eventfd.h>
#include <unistd.h>

namespace bongsu::kafka {

EventQueue::EventQueue(const asio::any_io_executor& executor, QueueHandle queue)
    : wakeups_(executor), queue_(std::move(queue)) {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  require(fd >= 0, "an eventfd can be had (raise the limit of open files)");
  wakeups_.assign(fd);
  rd_kafka_queue_io_event_enable(queue_.get(), fd, &kOne, sizeof(kOne));
}

void EventQueue::clear() {
  if (!is_open()) return;
  std::uint64_t count = 0;
  // EAGAIN when there was no wake-up, which is as good.
  [[maybe_unused]] const auto got = ::read(wakeups_.native_handle(), &count, sizeof(count));
}

asio::awaitable<void> EventQueue::readable() {
  if (!is_open()) co_return;
  boost::system::error_code closed;  // who waits looks again anyway
  co_await wakeups_.async_wait(asio::posix::descriptor_base::wait_read,
                               asio::redirect_error(asio::use_awaitable, closed));
}

void EventQueue::close() {
  if (!is_open()) return;
  rd_kafka_queue_io_event_enable(queue_.get(), -1, nullptr, 0);
  queue_.reset();
  boost::system::error_code ignored;  // the descriptor is gone either way
  wakeups_.close(ignored);
}

}  // namespace bongsu::kafka
