#pragma once
#include <chrono>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace bongsu {
namespace asio = boost::asio;

/// Waits on the running coroutine's executor. Cancellation of the coroutine ends it early.
asio::awaitable<void> sleep_for(std::chrono::steady_clock::duration duration);

/// Starts a coroutine that nobody waits for. An exception that escapes from it is a bug of ours: it
/// is logged under `name` and ends the process, so that nothing runs on half alive.
void spawn(const asio::any_io_executor& executor, std::string_view name, asio::awaitable<void> task);

}  // namespace bongsu
