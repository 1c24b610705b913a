#pragma once
#include <bongsu/core/signal.hpp>

#include <cstddef>

namespace bongsu::delivery {

/// How much of a lane is under way, over all its partitions. Who found it full is woken when an eighth is
/// free again: reading one record at a time, all partitions' readers would be woken for each.
/// Threads: the io_context's one thread.
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
    --records_;
    bytes_ -= bytes;
    if (!awaited_ || !has_much_room()) return;
    awaited_ = false;
    freed_.notify_all();
  }
  asio::awaitable<bool> freed(std::chrono::milliseconds timeout) {
    awaited_ = true;
    return freed_.wait_for(timeout);
  }

 private:
  bool has_much_room() const {
    return records_ == 0 ||
           (records_ <= max_records_ - max_records_ / 8 && bytes_ <= max_bytes_ - max_bytes_ / 8);
  }

  std::size_t max_records_;
  std::size_t max_bytes_;
  std::size_t records_ = 0;
  std::size_t bytes_ = 0;
  bool awaited_ = false;
  Signal freed_;
};

}  // namespace bongsu::delivery
