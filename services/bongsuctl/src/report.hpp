#pragma once
#include <bongsu/core/error.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::ctl {

/// What a command has found or done: rows under named columns, and whether all is as it should be.
struct Report {
  std::vector<std::string> columns;  ///< snake_case; the keys of the JSON form
  std::vector<std::vector<std::string>> rows;
  /// The JSON form where it says more than the rows do: numbers, lists. Empty: it follows from the rows.
  std::string json;
  /// One thing, told as lines of name and value instead of a row.
  bool upright = false;
  bool lines = false;  ///< as a table, without a heading
  /// False makes the exit code 1: the command worked, and what it says is not good.
  bool fine = true;
  /// The table form where it is more than a table. Empty: it follows from the rows.
  std::string text = {};
};

enum class Format { kTable, kJson };

/// Aligned columns under an upper-case heading, or a line for each column; or one JSON array of objects,
/// values as text.
void print(const Report& report, Format format, std::ostream& out);

/// 0 done, 1 failed, 2 usage, 3 not found, 4 refused, 5 unreachable.
namespace exit_code {
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kNotFound = 3;
inline constexpr int kRefused = 4;
inline constexpr int kUnreachable = 5;
int of(const Error& error);
}  // namespace exit_code

}  // namespace bongsu::ctl
