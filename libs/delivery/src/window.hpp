#pragma once
#include <bongsu/core/signal.hpp>

#include <cstddef>

namespace bongsu::delivery {

/// How much of a lane is under way, over all its partitions. Threads: the io_context's one thread.
class Window {
 public:
  Window(const asio::any_io_executor& executor, std::size_t max_records, std::size_t max_bytes)
      : max_records_(max_records), max_bytes_(max_bytes), freed_(executor) {}

  /// One record always fits, however large it is.
  bool has_room() const { return records_ == 0 || (records_ < max_records_ && bytes_ < max_bytes_); }
  std::size_t room() const { return records_ < max_records_ ? max_records_ - records_ : 0; }
  void enter(std::size_t bytes) {
    ++records_;
    bytes_ += bytes;
  }
  void leave(std::size_t bytes) {
    const bool was_full = !has_room();
    --records_;
    bytes_ -= bytes;
    if (was_full) freed_.notify_all();
  }
  asio::awaitable<bool> freed(std::chrono::milliseconds timeout) { return freed_.wait_for(timeout); }

 private:
  std::size_t max_records_;
  std::size_t max_bytes_;
  std::size_t records_ = 0;
  std::size_t bytes_ = 0;
  Signal freed_;
};

}  // namespace bongsu::delivery
