#include <bongsu/core/alarms.hpp>
#include <bongsu/core/asio.hpp>
#include <bongsu/core/log.hpp>
#include <bongsu/core/signal.hpp>

#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>

namespace bongsu {
namespace {

Alarms* simulated = nullptr;  // null: the machine's clock

/// Cancels a timer that never expires by itself, at a simulated time.
class Alarm {
 public:
  Alarm(Alarms& alarms, std::chrono::steady_clock::duration duration, asio::steady_timer& timer)
      : alarms_(alarms), id_(alarms.set(duration, [&timer] { timer.cancel(); })) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() { alarms_.cancel(id_); }

 private:
  Alarms& alarms_;
  Alarms::Id id_;
};

/// Between a notification and the time: the first ends it. Two waits and no coroutine for either, since
/// this is what every loop does.
struct Race {
  Race(const asio::any_io_executor& executor, std::chrono::steady_clock::duration timeout)
      : timer(executor, simulated == nullptr ? asio::steady_timer::clock_type::now() + timeout
                                             : asio::steady_timer::time_point::max()) {
    if (simulated != nullptr) alarm.emplace(*simulated, timeout, timer);
  }

  void end(bool notified) {
    if (std::exchange(over, true)) return;
    if (notified) {
      timer.cancel();
    } else {
      withdraw.emit(asio::cancellation_type::terminal);  // the signal is still there: it outlives us
    }
    std::exchange(resume, {})(notified);
  }

  asio::steady_timer timer;
  std::optional<Alarm> alarm;
  asio::cancellation_signal withdraw;
  std::move_only_function<void(bool)> resume;
  bool over = false;
};

}  // namespace

void use_alarms(Alarms* alarms) { simulated = alarms; }

asio::awaitable<void> sleep_for(std::chrono::steady_clock::duration duration) {
  if (simulated != nullptr) {
    asio::steady_timer never{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
    const Alarm alarm{*simulated, duration, never};
    boost::system::error_code woken;
    co_await never.async_wait(asio::redirect_error(asio::use_awaitable, woken));
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
  return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
      [this, timeout](auto handler) {
        const auto race = std::make_shared<Race>(executor_, timeout);
        race->resume = [handler = std::move(handler)](bool notified) mutable {
          std::move(handler)(notified);
        };
        never_.async_wait(asio::bind_cancellation_slot(
            race->withdraw.slot(), [race](const boost::system::error_code&) { race->end(true); }));
        race->timer.async_wait([race](const boost::system::error_code&) { race->end(false); });
      },
      asio::use_awaitable);
}

}  // namespace bongsu
