#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>

namespace bongsu {

/// Group commit: collects what is asked for while the previous batch is under way and does it in
/// one go. The first of an idle batcher goes out at once; nobody waits for a timer.
///
/// Work is a coroutine function from a batch to one answer for each item, in the same order; it must
/// answer for every item, and errors are answers as well. At most `max_batch` items go out together
/// and at most `max_parallel` batches are under way.
/// Ordering: items go out in the order of submit(). Threads: the io_context's one thread.
/// Lifetime: outlives every submit(); what Work refers to outlives the batcher.
template <class Item, class Answer>
class Batcher {
 public:
  using Work = std::function<asio::awaitable<std::vector<Answer>>(std::vector<Item>)>;

  Batcher(asio::any_io_executor executor, std::size_t max_batch, std::size_t max_parallel, Work work)
      : executor_(std::move(executor)),
        max_batch_(max_batch),
        max_parallel_(max_parallel),
        work_(std::move(work)) {}

  asio::awaitable<Answer> submit(Item item) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(Answer)>(
        [this](auto handler, Item moved) {
          waiting_.push_back(Entry{std::move(moved), wrap(std::move(handler))});
          if (under_way_ < max_parallel_) start();
        },
        asio::use_awaitable, std::move(item));
  }

  /// Items that have been submitted and not answered.
  std::size_t pending() const { return waiting_.size() + in_batches_; }

 private:
  struct Entry {
    Item item;
    std::move_only_function<void(Answer)> answer;
  };

  template <class Handler>
  static std::move_only_function<void(Answer)> wrap(Handler handler) {
    return [handler = std::move(handler)](Answer answer) mutable { std::move(handler)(std::move(answer)); };
  }

  void start() {
    ++under_way_;
    // Posted: the others that are about to ask in this turn of the loop come along.
    asio::co_spawn(executor_, run(), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }

  asio::awaitable<void> run() {
    while (!waiting_.empty()) {
      const auto count = std::min(max_batch_, waiting_.size());
      std::vector<Item> items;
      std::vector<std::move_only_function<void(Answer)>> answers;
      items.reserve(count);
      answers.reserve(count);
      for (std::size_t i = 0; i < count; ++i) {
        items.push_back(std::move(waiting_[i].item));
        answers.push_back(std::move(waiting_[i].answer));
      }
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
      in_batches_ += count;
      auto results = co_await work_(std::move(items));
      in_batches_ -= count;
      for (std::size_t i = 0; i < count; ++i) answers[i](std::move(results.at(i)));
    }
    --under_way_;
  }

  asio::any_io_executor executor_;
  std::size_t max_batch_;
  std::size_t max_parallel_;
  Work work_;
  std::deque<Entry> waiting_;
  std::size_t under_way_ = 0;
  std::size_t in_batches_ = 0;
};

}  // namespace bongsu
