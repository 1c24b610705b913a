#pragma once
#include <bongsu/core/asio.hpp>

#include <optional>

namespace bongsu {

/// Lets coroutines wait until something has changed: a condition variable for one thread.
///
/// A notification wakes all that wait at that moment and is not remembered: test the condition, then
/// wait, in a loop; between the test and the wait nothing else runs.
/// Threads: the io_context's one thread. Lifetime: outlives those who wait.
class Signal {
 public:
  explicit Signal(const asio::any_io_executor& executor);

  void notify_all();

  /// Returns after the next notify_all().
  asio::awaitable<void> wait();
  /// Returns after the next notify_all(), or when `timeout` has passed; tells whether it was notified.
  asio::awaitable<bool> wait_for(std::chrono::steady_clock::duration timeout);

 private:
  asio::any_io_executor executor_;
  // Never expires by itself; cancelling it is the notification.
  asio::steady_timer never_;
};

}  // namespace bongsu
