#include "member_file.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>

namespace bongsu::ctl {
namespace {

/// A column of the CSV, and what the gateway calls it; booleans stand in `consents`.
struct Column {
  std::string_view csv;
  std::string_view json;
  bool consent = false;
};
constexpr std::array kColumns{Column{"user_id", "userId"},
                              Column{"email", "email"},
                              Column{"name", "name"},
                              Column{"phone", "phone"},
                              Column{"birth_date", "birthDate"},
                              Column{"resident_number", "residentNumber"},
                              Column{"status", "status"},
                              Column{"consent_marketing", "marketing", true},
                              Column{"consent_night", "night", true}};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

const Column* column_of(std::string_view name) {
  const auto* hit =
      std::find_if(kColumns.begin(), kColumns.end(), [&](const Column& c) { return c.csv == name; });
  return hit == kColumns.end() ? nullptr : hit;
}

std::optional<bool> truth_of(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  if (text == "true" || text == "yes" || text == "y" || text == "1") return true;
  if (text == "false" || text == "no" || text == "n" || text == "0") return false;
  return std::nullopt;
}

std::string known_columns() {
  std::string all;
  for (const auto& column : kColumns) all.append(all.empty() ? "" : ", ").append(column.csv);
  return all;
}

bool has_open_quote(std::string_view line) { return std::count(line.begin(), line.end(), '"') % 2 == 1; }

}  // namespace

Result<MemberFile> MemberFile::open(std::istream& in) {
  MemberFile file{in};
  if (auto read = file.read_header(); !read) return std::unexpected(read.error());
  return file;
}

bool MemberFile::read_line(std::string& line) {
  if (!std::getline(*in_, line)) return false;
  ++line_;
  bytes_ += line.size() + 1;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

Result<void> MemberFile::read_header() {
  std::string line;
  while (read_line(line) && line.find_first_not_of(' ') == std::string::npos) {
  }
  if (line_ == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
  if (line.empty() || line.front() == '{') {
    first_ = std::move(line);
    has_first_ = !first_.empty();
    return {};
  }
  auto columns = split(std::move(line));
  if (!columns) return std::unexpected(columns.error());
  for (const auto& name : *columns) {
    if (column_of(name) == nullptr) {
      return fail(ErrorCode::kInvalidArgument, "line " + std::to_string(line_) + ": unknown column '" + name +
                                                   "'; known are " + known_columns());
    }
    if (std::count(columns->begin(), columns->end(), name) > 1) {
      return fail(ErrorCode::kInvalidArgument, "column '" + name + "' stands in the header twice");
    }
  }
  if (std::find(columns->begin(), columns->end(), "email") == columns->end()) {
    return fail(ErrorCode::kInvalidArgument, "the header has no column 'email'");
  }
  columns_ = std::move(*columns);
  return {};
}

/// A record's fields; it goes on in the next line where a quoted field does.
Result<std::vector<std::string>> MemberFile::split(std::string line) {
  std::string more;
  while (has_open_quote(line) && read_line(more)) line.append("\n").append(more);
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back().push_back('"');
      ++i;
    } else if (quoted ? c == '"' : c == '"' && fields.back().empty()) {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  if (quoted) return fail(ErrorCode::kInvalidArgument, "a quotation mark is not closed", "malformed");
  return fields;
}

Result<std::string> MemberFile::to_json(const std::vector<std::string>& fields) const {
  if (fields.size() != columns_.size()) {
    return fail(ErrorCode::kInvalidArgument,
                "the header has " + std::to_string(columns_.size()) + " columns, this line " +
                    std::to_string(fields.size()),
                "malformed");
  }
  boost::json::object member;
  boost::json::object consents;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].empty()) continue;
    const auto* column = column_of(columns_[i]);
    if (!column->consent) {
      member[column->json] = fields[i];
      continue;
    }
    const auto given = truth_of(fields[i]);
    if (!given) return fail(ErrorCode::kInvalidArgument, columns_[i] + ": true or false", "invalid_value");
    consents[column->json] = *given;
  }
  if (!consents.empty()) member["consents"] = std::move(consents);
  return boost::json::serialize(member);
}

std::expected<std::optional<MemberLine>, Error> MemberFile::next() {
  std::string line = std::move(first_);
  if (!std::exchange(has_first_, false)) {
    do {
      if (!read_line(line)) return std::nullopt;
    } while (line.find_first_not_of(' ') == std::string::npos);
  }
  began_at_ = line_;
  if (columns_.empty()) return MemberLine{.number = began_at_, .json = std::move(line)};
  const auto fields = split(std::move(line));
  if (!fields) return std::unexpected(fields.error());
  auto json = to_json(*fields);
  if (!json) return std::unexpected(json.error());
  return MemberLine{.number = began_at_, .json = std::move(*json)};
}

}  // namespace bongsu::ctl
