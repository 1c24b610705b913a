#pragma once
#include <bongsu/core/asio.hpp>

#include <chrono>
#include <exception>
#include <expected>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace bongsu::support {

/// For what has no default: co_spawn's handler is given one when an exception comes.
template <class T>
asio::awaitable<std::optional<T>> boxed(asio::awaitable<T> task) {
  co_return co_await std::move(task);
}

/// Turns the loop until `task` has ended, and gives what it gave. Throws when that takes longer than
/// `limit`: a test that hangs says so.
template <class T>
T run(asio::io_context& io, asio::awaitable<T> task, std::chrono::seconds limit = std::chrono::seconds{30}) {
  std::optional<T> value;
  std::exception_ptr escaped;
  asio::co_spawn(io, boxed(std::move(task)), [&](const std::exception_ptr& error, std::optional<T> given) {
    escaped = error;
    value = std::move(given);
  });
  const auto deadline = std::chrono::steady_clock::now() + limit;
  io.restart();
  while (!value && !escaped && io.run_one_until(deadline) > 0) {
  }
  if (escaped) std::rethrow_exception(escaped);
  if (!value) throw std::runtime_error("the task did not end in time");
  return std::move(*value);
}

/// What went well; throws what did not.
template <class T, class E>
T good(std::expected<T, E> result) {
  if (!result) {
    std::string why = result.error().message;
    if constexpr (requires { result.error().detail.empty(); }) why += " " + result.error().detail;
    throw std::runtime_error{why};
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace bongsu::support
