#pragma once
#include <bongsu/core/assert.hpp>
#include <bongsu/postgres/codec.hpp>

#include <memory>

extern "C" {
struct pg_result;
}

namespace bongsu::postgres {

/// The rows a statement gave, in PostgreSQL's binary format. Owns them; views taken from it
/// (get<std::string_view>) live as long as it does.
///
/// Errors: reading a row or column that is not there, a NULL without std::optional, or a column of
/// another type is a mistake in the program and aborts: what the columns are stands in the SQL beside it.
class Rows {
 public:
  Rows() = default;
  /// Takes the result over.
  explicit Rows(pg_result* result);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t columns() const { return columns_; }
  /// How many rows INSERT, UPDATE, DELETE or SELECT touched.
  std::size_t affected() const;
  /// What the server says it did: "COMMIT", "INSERT 0 3".
  std::string_view command() const;

  bool is_null(std::size_t row, std::size_t column) const;

  template <class T>
  T get(std::size_t row, std::size_t column) const {
    return Reader<T>::read(*this, row, column);
  }

 private:
  template <class T>
  struct Reader {
    static T read(const Rows& rows, std::size_t row, std::size_t column) {
      const auto type = rows.type(column);
      require(Codec<T>::accepts(type), "the column has another type than the program reads");
      require(!rows.is_null(row, column), "NULL in a column that the program reads as always there");
      return Codec<T>::decode(type, rows.bytes(row, column));
    }
  };
  template <class T>
  struct Reader<std::optional<T>> {
    static std::optional<T> read(const Rows& rows, std::size_t row, std::size_t column) {
      if (rows.is_null(row, column)) return std::nullopt;
      return Reader<T>::read(rows, row, column);
    }
  };
  template <class T>
  struct Reader<std::vector<T>> {
    static std::vector<T> read(const Rows& rows, std::size_t row, std::size_t column) {
      require(!rows.is_null(row, column), "NULL in a column that the program reads as always there");
      return decode_array(rows.bytes(row, column));
    }
    /// array_recv's counterpart, one dimension, no NULLs inside.
    static std::vector<T> decode_array(std::string_view bytes) {
      std::vector<T> values;
      if (get_integer<std::int32_t>(bytes) == 0) return values;
      const auto type = get_integer<Oid>(bytes.substr(8));
      require(Codec<T>::accepts(type), "the array has another type than the program reads");
      const auto count = get_integer<std::int32_t>(bytes.substr(12));
      bytes.remove_prefix(20);
      for (std::int32_t i = 0; i < count; ++i) {
        const auto length = get_integer<std::int32_t>(bytes);
        require(length >= 0, "NULL in an array that the program reads as without");
        values.push_back(Codec<T>::decode(type, bytes.substr(4, static_cast<std::size_t>(length))));
        bytes.remove_prefix(4 + static_cast<std::size_t>(length));
      }
      return values;
    }
  };

  Oid type(std::size_t column) const;
  std::string_view bytes(std::size_t row, std::size_t column) const;

  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
  std::size_t size_ = 0;
  std::size_t columns_ = 0;
};

}  // namespace bongsu::postgres
