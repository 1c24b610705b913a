#pragma once
#include <cstdint>
#include <map>

namespace bongsu::delivery {

/// Which offsets of one partition are done, and up to where all of them are.
///
/// begin() is called in the order of the log; done() in any order. Offsets that the log skips between
/// two records (transaction markers, compacted records) count as done. Done offsets are kept as
/// intervals, so that a slow record costs memory by what surrounds it, not by what has passed it.
/// Pure: no I/O, no clock.
class Watermark {
 public:
  /// `next`: the first offset that will be read.
  explicit Watermark(std::int64_t next) : position_(next), read_to_(next) {}

  /// A record at `offset` has been read; offsets between the last one and this are none.
  void begin(std::int64_t offset);
  /// The record at `offset` needs nothing more. Once per record.
  void done(std::int64_t offset);

  /// Every offset below is done: what may be committed.
  std::int64_t position() const { return position_; }
  /// One past the last offset that was read.
  std::int64_t read_to() const { return read_to_; }
  /// How far the reading is ahead of the watermark, in offsets.
  std::int64_t ahead() const { return read_to_ - position_; }
  /// Whether all that was read is done.
  bool settled() const { return position_ == read_to_; }
  /// Intervals that are kept, for tests of the memory it takes.
  std::size_t intervals() const { return done_.size(); }

 private:
  void insert(std::int64_t from, std::int64_t to);

  std::int64_t position_;
  std::int64_t read_to_;
  std::map<std::int64_t, std::int64_t> done_;  // [from, to), none touching another, all above position_
};

}  // namespace bongsu::delivery
