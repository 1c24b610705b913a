#pragma once
#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>

namespace bongsu::http {

/// Bytes that were read and not used yet, in one piece.
class ReadBuffer {
 public:
  static constexpr std::size_t kLargest = 64U << 10;

  std::string_view bytes() const { return {storage_.data() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  /// RFC 9112, 2.2: empty lines before a request are to be overlooked.
  void skip_line_ends() {
    const auto next = bytes().find_first_not_of("\r\n");
    consume(next == std::string_view::npos ? bytes().size() : next);
  }

  /// Room for at least 1 KiB, for `wanted` where that can be; none when the buffer is full.
  boost::asio::mutable_buffer prepare(std::size_t wanted) {
    const auto held = end_ - begin_;
    if (begin_ > 0 && storage_.size() - end_ < std::max(kLeast, wanted)) {
      std::memmove(storage_.data(), storage_.data() + begin_, held);
      begin_ = 0;
      end_ = held;
    }
    const auto room = std::clamp(wanted, kLeast, kLargest);
    if (storage_.size() - end_ < room)
      storage_.resize(std::min(kLargest, std::max(storage_.size() * 2, end_ + room)));
    return {storage_.data() + end_, storage_.size() - end_};
  }
  void commit(std::size_t count) { end_ += count; }

  /// Gives back what one large body needed.
  void shrink() {
    if (storage_.size() <= kKept || end_ - begin_ > kKept / 2) return;
    std::vector<char> smaller(kKept);
    std::memcpy(smaller.data(), storage_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    storage_ = std::move(smaller);
  }

 private:
  static constexpr std::size_t kLeast = 1024;
  static constexpr std::size_t kKept = 8192;

  std::vector<char> storage_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace bongsu::http
