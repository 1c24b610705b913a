#include "window.hpp"

#include <bongsu/core/assert.hpp>

namespace bongsu::outbox {

std::uint64_t Window::add(Position position, std::size_t bytes) {
  require(position > (rows_.empty() ? cursor_ : rows_.back().position),
          "rows come in order, past the cursor");
  rows_.push_back({position, bytes});
  bytes_ += bytes;
  ++open_;
  return first_ + rows_.size() - 1;
}

void Window::take_back() {
  require(!rows_.empty() && !rows_.back().settled, "only what is open can be taken back");
  bytes_ -= rows_.back().bytes;
  --open_;
  rows_.pop_back();
}

bool Window::settle(std::uint64_t token) {
  if (!holds(token)) return false;
  auto& row = rows_[token - first_];
  if (!std::exchange(row.settled, true)) --open_;
  bool moved = false;
  while (!rows_.empty() && rows_.front().settled) {
    cursor_ = rows_.front().position;
    bytes_ -= rows_.front().bytes;
    rows_.pop_front();
    ++first_;
    ++passed_;
    moved = true;
  }
  return moved;
}

void Window::clear() {
  first_ += rows_.size();
  rows_.clear();
  bytes_ = 0;
  open_ = 0;
}

void Window::jump(Position cursor) {
  require(rows_.empty() && cursor >= cursor_, "the cursor jumps forward, over nothing");
  cursor_ = cursor;
}

}  // namespace bongsu::outbox
