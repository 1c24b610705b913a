#pragma once
#include <bongsu/outbox/event.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>

namespace bongsu::outbox {

/// What has been given to the publisher and not yet passed by the cursor, in the order of publication. The
/// cursor moves over a contiguous prefix of what is settled, and over nothing else. Pure.
class Window {
 public:
  explicit Window(Position cursor) : cursor_(cursor) {}

  /// Appends a row; its token is valid until it has been passed or clear() was called.
  std::uint64_t add(Position position, std::size_t bytes);
  /// Takes the last one back: it was not given away after all.
  void take_back();
  /// The row is confirmed, or rests in failed_publication. Returns whether the cursor has moved. A token from
  /// before clear() means nothing.
  bool settle(std::uint64_t token);

  /// Forgets what is not passed. Reading goes on from the cursor.
  void clear();
  /// Nothing before it is left (the window is empty, and so is what was read): the cursor jumps there.
  void jump(Position cursor);

  Position cursor() const { return cursor_; }
  bool holds(std::uint64_t token) const { return token >= first_ && token - first_ < rows_.size(); }
  Position position(std::uint64_t token) const { return rows_.at(token - first_).position; }
  std::size_t size() const { return rows_.size(); }
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return rows_.empty(); }
  /// Rows that are not settled.
  std::size_t open() const { return open_; }
  /// Rows that the cursor has passed in all.
  std::uint64_t passed() const { return passed_; }

 private:
  struct Row {
    Position position;
    std::size_t bytes;
    bool settled = false;
  };

  std::deque<Row> rows_;
  std::uint64_t first_ = 0;
  std::size_t bytes_ = 0;
  std::size_t open_ = 0;
  std::uint64_t passed_ = 0;
  Position cursor_;
};

}  // namespace bongsu::outbox
