#include "report.hpp"

#include <bongsu/core/bytes.hpp>

#include <algorithm>
#include <cctype>

#include <boost/json.hpp>

namespace bongsu::ctl {
namespace {

void print_json(const Report& report, std::ostream& out) {
  if (!report.json.empty()) {
    out << report.json << '\n';
    return;
  }
  boost::json::array rows;
  for (const auto& row : report.rows) {
    boost::json::object object;
    for (std::size_t i = 0; i < row.size(); ++i) object.emplace(report.columns.at(i), row[i]);
    rows.emplace_back(std::move(object));
  }
  out << boost::json::serialize(rows) << '\n';
}

std::string heading(std::string column) {
  std::transform(column.begin(), column.end(), column.begin(),
                 [](unsigned char c) { return c == '_' ? ' ' : static_cast<char>(std::toupper(c)); });
  return column;
}

void print_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                std::ostream& out) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    const auto padding = widths[i] + 2 - std::min(widths[i], count_characters(cells[i]));
    if (i + 1 < cells.size()) line.append(padding, ' ');
  }
  out << line << '\n';
}

void print_upright(const Report& report, std::ostream& out) {
  std::size_t width = 0;
  for (const auto& column : report.columns) width = std::max(width, column.size());
  for (const auto& row : report.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!row[i].empty()) print_line({heading(report.columns[i]), row[i]}, {width, 0}, out);
    }
  }
}

void print_table(const Report& report, std::ostream& out) {
  std::vector<std::string> headings;
  std::vector<std::size_t> widths;
  for (const auto& column : report.columns) {
    headings.push_back(heading(column));
    widths.push_back(column.size());
  }
  for (const auto& row : report.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], count_characters(row[i]));
  }
  if (!report.lines) print_line(headings, widths, out);
  for (const auto& row : report.rows) print_line(row, widths, out);
}

}  // namespace

void print(const Report& report, Format format, std::ostream& out) {
  if (format == Format::kJson) {
    print_json(report, out);
  } else if (!report.text.empty()) {
    out << report.text;
  } else if (report.upright) {
    print_upright(report, out);
  } else {
    print_table(report, out);
  }
}

int exit_code::of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotFound:
      return kNotFound;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
    case ErrorCode::kUnauthorized:
    case ErrorCode::kRejected:
      return kRefused;
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
      return kUnreachable;
    default:
      return kFailed;
  }
}

}  // namespace bongsu::ctl
