#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace bongsu::gateway {

/// Which rows of a batch: [first, last).
struct Range {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t size() const { return last - first; }
  friend bool operator==(const Range&, const Range&) = default;
};

/// Whether an error is about the rows, so that a part of them may fare better: a value that is
/// refused, a constraint, a lock that another transaction holds on one of them. What is about the
/// connection or the server concerns all of them alike.
inline bool is_the_rows_fault(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kAlreadyExists ||
         error.code == ErrorCode::kConflict || error.code == ErrorCode::kTooLarge;
}

/// Writes rows [0, count) in one go; when that fails for a row's sake, in two halves, and so on until
/// the row to blame stands alone and all others are written. A batch with one bad row among n takes
/// about 2 log2(n) writes.
///
/// `write(Range)` writes them all or none and gives one answer a row; `alone(row, error)` makes the
/// answer of a row that failed: its own fault, or a trouble that hit all. Ordering: first half first.
template <class Answer, class Write, class Alone>
asio::awaitable<std::vector<Answer>> write_halving(std::size_t count, Write& write, Alone& alone) {
  std::vector<Answer> answers;
  answers.reserve(count);
  std::vector<Range> rest;
  if (count > 0) rest.push_back({0, count});
  while (!rest.empty()) {
    const auto range = rest.back();
    rest.pop_back();
    Result<std::vector<Answer>> written = co_await write(range);
    if (written) {
      std::move(written->begin(), written->end(), std::back_inserter(answers));
    } else if (range.size() == 1 || !is_the_rows_fault(written.error())) {
      for (auto row = range.first; row < range.last; ++row) answers.push_back(alone(row, written.error()));
    } else {
      const auto middle = range.first + range.size() / 2;
      rest.push_back({middle, range.last});
      rest.push_back({range.first, middle});
    }
  }
  co_return answers;
}

}  // namespace bongsu::gateway
