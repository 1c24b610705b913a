#include <bongsu/core/assert.hpp>
#include <bongsu/delivery/watermark.hpp>

#include <iterator>

namespace bongsu::delivery {

void Watermark::begin(std::int64_t offset) {
  require(offset >= read_to_, "offsets are read in the order of the log");
  if (offset > read_to_) insert(read_to_, offset);
  read_to_ = offset + 1;
}

void Watermark::done(std::int64_t offset) {
  require(offset >= position_ && offset < read_to_, "only what was read and is open can be done");
  insert(offset, offset + 1);
}

void Watermark::insert(std::int64_t from, std::int64_t to) {
  auto after = done_.upper_bound(from);
  if (after != done_.begin()) {
    const auto before = std::prev(after);
    require(before->second <= from, "an offset is done once");
    if (before->second == from) {
      from = before->first;
      done_.erase(before);
    }
  }
  if (after != done_.end() && after->first == to) {
    to = after->second;
    after = done_.erase(after);
  }
  if (from == position_) {
    position_ = to;
    return;
  }
  done_.emplace_hint(after, from, to);
}

}  // namespace bongsu::delivery
