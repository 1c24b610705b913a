#pragma once
#include <bongsu/postgres/codec.hpp>

#include <span>

namespace bongsu::postgres {

/// The parameters $1, $2, … of a statement, in PostgreSQL's binary format with their types named, so
/// that nothing is ever quoted or glued into SQL.
///
///   Params::of(id, Bytes{sealed}, created_at)
///   Params{}.add(ids).add(std::optional<std::string>{})     // std::vector<Uuid> is uuid[]; a NULL
///
/// Takes bool, std::int16_t/32_t/64_t, double, text (std::string, string_view), Bytes, Json, Uuid, Xid,
/// Timestamp, year_month_day; std::optional of one (empty is NULL); std::vector and std::span of either
/// (one-dimensional arrays).
class Params {
 public:
  template <class... T>
  static Params of(const T&... values) {
    Params params;
    (params.add(values), ...);
    return params;
  }

  template <class T>
  Params& add(const T& value) {
    begin(Codec<T>::kOid);
    Codec<T>::encode(data_, value);
    return end();
  }

  Params& add(const char* text) { return add(std::string_view{text}); }

  template <class T>
  Params& add(const std::optional<T>& value) {
    if (value) return add(*value);
    begin(Codec<T>::kOid);
    values_.back().null = true;
    return *this;
  }

  template <class T>
  Params& add(const std::vector<T>& values) {
    return add_array(values);
  }
  template <class T>
  Params& add(std::span<const T> values) {
    return add_array(values);
  }

  std::size_t size() const { return values_.size(); }
  Oid type(std::size_t index) const { return values_[index].type; }
  bool is_null(std::size_t index) const { return values_[index].null; }
  std::string_view bytes(std::size_t index) const {
    const auto begin = values_[index].begin;
    const auto end = index + 1 < values_.size() ? values_[index + 1].begin : data_.size();
    return std::string_view{data_}.substr(begin, end - begin);
  }

 private:
  struct Value {
    Oid type;
    std::size_t begin;
    bool null = false;
  };

  template <class T>
  struct Element {
    using Type = T;
    static const T* of(const T& value) { return &value; }
  };
  template <class T>
  struct Element<std::optional<T>> {
    using Type = T;
    static const T* of(const std::optional<T>& value) { return value ? &*value : nullptr; }
  };

  void begin(Oid type) { values_.push_back({type, data_.size()}); }
  Params& end() { return *this; }

  /// array_send: dimensions, whether there are NULLs, the element's type, size and lower bound, values.
  template <class Range>
  Params& add_array(const Range& values) {
    using E = Element<std::remove_cv_t<typename Range::value_type>>;
    using Type = typename E::Type;
    begin(Codec<Type>::kArrayOid);
    put_integer<std::int32_t>(data_, values.empty() ? 0 : 1);
    put_integer<std::int32_t>(data_,
                              std::is_same_v<Type, std::remove_cv_t<typename Range::value_type>> ? 0 : 1);
    put_integer<std::uint32_t>(data_, Codec<Type>::kOid);
    if (!values.empty()) {
      put_integer<std::int32_t>(data_, static_cast<std::int32_t>(values.size()));
      put_integer<std::int32_t>(data_, 1);
    }
    for (const typename Range::value_type& value : values) {
      const auto at = data_.size();
      put_integer<std::int32_t>(data_, -1);  // NULL, until there is a value
      const Type* element = E::of(value);
      if (element == nullptr) continue;
      Codec<Type>::encode(data_, *element);
      std::string length;
      put_integer<std::int32_t>(length, static_cast<std::int32_t>(data_.size() - at - 4));
      data_.replace(at, 4, length);
    }
    return end();
  }

  std::string data_;
  std::vector<Value> values_;
};

}  // namespace bongsu::postgres
