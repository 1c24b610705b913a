#pragma once
#include <bongsu/core/asio.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace bongsu::support {

/// Turns the loop until `task` has ended, and gives what it gave. Throws when that takes longer than
/// `limit`: a test that hangs says so.
template <class T>
T run(asio::io_context& io, asio::awaitable<T> task, std::chrono::seconds limit = std::chrono::seconds{30}) {
  std::optional<T> value;
  std::exception_ptr escaped;
  asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& error, T given) {
    escaped = error;
    value = std::move(given);
  });
  const auto deadline = std::chrono::steady_clock::now() + limit;
  io.restart();
  while (!value && io.run_one_until(deadline) > 0) {
  }
  if (escaped) std::rethrow_exception(escaped);
  if (!value) throw std::runtime_error("the task did not end in time");
  return std::move(*value);
}

}  // namespace bongsu::support
