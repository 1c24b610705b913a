#pragma once
#include <bongsu/core/error.hpp>

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace bongsu::ctl {

/// A member as it goes to the gateway, and where in the file it stands.
struct MemberLine {
  std::size_t number = 0;  ///< of its first line, from 1
  std::string json;        ///< one JSON object on one line
};

/// Reads members from a file, one after the other, without holding it: CSV (RFC 4180) whose header names its
/// columns, or NDJSON; which of the two it is shows in the first character.
/// Nothing of a line's content is ever in an error: it tells a person.
class MemberFile {
 public:
  /// Errors: kInvalidArgument: an unknown or doubled column, or no column `email`.
  static Result<MemberFile> open(std::istream& in);

  /// The next member; nothing at the end. Errors: kInvalidArgument: the line is broken, and the next one can
  /// be read all the same.
  std::expected<std::optional<MemberLine>, Error> next();
  /// Of the line that next() gave or refused last.
  std::size_t line_number() const { return began_at_; }
  std::uint64_t bytes_read() const { return bytes_; }

 private:
  explicit MemberFile(std::istream& in) : in_(&in) {}
  bool read_line(std::string& line);
  Result<std::vector<std::string>> split(std::string line);
  Result<void> read_header();
  Result<std::string> to_json(const std::vector<std::string>& fields) const;

  std::istream* in_;
  std::vector<std::string> columns_;  ///< empty: NDJSON
  std::string first_;                 ///< a line of NDJSON that was read to see what it is
  bool has_first_ = false;
  std::size_t line_ = 0;
  std::size_t began_at_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace bongsu::ctl
