#include <bongsu/core/alarms.hpp>
#include <bongsu/core/asio.hpp>
#include <bongsu/core/log.hpp>
#include <bongsu/core/signal.hpp>

#include <cstdlib>
#include <exception>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>

namespace bongsu {
namespace {

Alarms* simulated = nullptr;  // null: the machine's clock

/// A timer that never expires by itself: the alarm cancels it. It goes with its sleeper.
class Sleep {
 public:
  Sleep(const asio::any_io_executor& executor, Alarms& alarms, std::chrono::steady_clock::duration duration)
      : timer_(executor, asio::steady_timer::time_point::max()),
        alarms_(alarms),
        alarm_(alarms.set(duration, [this] { timer_.cancel(); })) {}
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;
  ~Sleep() { alarms_.cancel(alarm_); }

  asio::steady_timer& timer() { return timer_; }

 private:
  asio::steady_timer timer_;
  Alarms& alarms_;
  Alarms::Id alarm_;
};

}  // namespace

void use_alarms(Alarms* alarms) { simulated = alarms; }

asio::awaitable<void> sleep_for(std::chrono::steady_clock::duration duration) {
  if (simulated != nullptr) {
    Sleep sleep{co_await asio::this_coro::executor, *simulated, duration};
    boost::system::error_code woken;
    co_await sleep.timer().async_wait(asio::redirect_error(asio::use_awaitable, woken));
    co_return;
  }
  asio::steady_timer timer{co_await asio::this_coro::executor, duration};
  boost::system::error_code ignored;  // a cancelled timer is an early wake-up, nothing else
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void spawn(const asio::any_io_executor& executor, std::string_view name, asio::awaitable<void> task) {
  asio::co_spawn(executor, std::move(task), [name = std::string{name}](const std::exception_ptr& error) {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& escaped) {
      log::error("task.died", {{"task", name}, {"why", escaped.what()}});
    }
    std::abort();
  });
}

Signal::Signal(const asio::any_io_executor& executor)
    : executor_(executor), never_(executor, asio::steady_timer::time_point::max()) {}

void Signal::notify_all() { never_.cancel(); }

asio::awaitable<void> Signal::wait() {
  boost::system::error_code cancelled;
  co_await never_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

asio::awaitable<bool> Signal::wait_for(std::chrono::steady_clock::duration timeout) {
  using namespace asio::experimental::awaitable_operators;
  const auto first = co_await (wait() || sleep_for(timeout));
  co_return first.index() == 0;
}

}  // namespace bongsu
