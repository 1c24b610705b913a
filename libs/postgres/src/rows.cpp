#include <bongsu/postgres/rows.hpp>

#include <charconv>

#include <libpq-fe.h>

namespace bongsu::postgres {

Rows::Rows(pg_result* result)
    : result_(result),
      size_(static_cast<std::size_t>(PQntuples(result))),
      columns_(static_cast<std::size_t>(PQnfields(result))) {}

void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

std::size_t Rows::affected() const {
  if (!result_) return 0;
  const std::string_view text = PQcmdTuples(result_.get());
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string_view Rows::command() const { return result_ ? PQcmdStatus(result_.get()) : std::string_view{}; }

bool Rows::is_null(std::size_t row, std::size_t column) const {
  require(row < size_ && column < columns_, "no such row or column");
  return PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) != 0;
}

Oid Rows::type(std::size_t column) const {
  require(column < columns_, "no such column");
  return PQftype(result_.get(), static_cast<int>(column));
}

std::string_view Rows::bytes(std::size_t row, std::size_t column) const {
  const auto r = static_cast<int>(row);
  const auto c = static_cast<int>(column);
  return {PQgetvalue(result_.get(), r, c), static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
}

}  // namespace bongsu::postgres
