#pragma once
#include <bongsu/core/assert.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How C++ types look in PostgreSQL's binary format (network byte order; src/backend/utils/adt of
/// PostgreSQL 15, the *send and *recv functions). Pure.
namespace bongsu::postgres {

/// A bytea parameter. A view: what it points to lives until it has been added.
struct Bytes {
  std::string_view data;
};

/// A jsonb parameter, as JSON text.
struct Json {
  std::string_view text;
};

/// A transaction id that never wraps (xid8).
struct Xid {
  std::uint64_t value = 0;
  friend auto operator<=>(const Xid&, const Xid&) = default;
};

using Oid = std::uint32_t;

/// Appends `value` in network byte order.
template <class T>
void put_integer(std::string& out, T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  char bytes[sizeof(T)];
  for (std::size_t i = sizeof(T); i-- > 0;
       bits = static_cast<decltype(bits)>(bits >> (sizeof(T) > 1 ? 8 : 0)))
    bytes[i] = static_cast<char>(bits & 0xFF);
  out.append(bytes, sizeof(T));
}

/// Reads the first sizeof(T) bytes, which must be there.
template <class T>
T get_integer(std::string_view bytes) {
  require(bytes.size() >= sizeof(T), "the server sends values whole");
  std::make_unsigned_t<T> bits = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    bits = static_cast<decltype(bits)>((static_cast<std::uint64_t>(bits) << 8) |
                                       static_cast<unsigned char>(bytes[i]));
  return static_cast<T>(bits);
}

/// The type of a parameter or column: kOid and kArrayOid name it to the server, encode() appends its
/// bytes, decode() reads them, accepts() tells which columns decode() understands.
template <class T>
struct Codec;

template <>
struct Codec<bool> {
  static constexpr Oid kOid = 16, kArrayOid = 1000;
  static constexpr bool accepts(Oid type) { return type == kOid; }
  static void encode(std::string& out, bool value) { out.push_back(value ? 1 : 0); }
  static bool decode(Oid, std::string_view bytes) { return bytes.at(0) != 0; }
};

template <class T, Oid oid, Oid array_oid>
struct IntegerCodec {
  static constexpr Oid kOid = oid, kArrayOid = array_oid;
  static constexpr bool accepts(Oid type) {
    return type == 21 || (sizeof(T) >= 4 && type == 23) || (sizeof(T) >= 8 && type == 20);
  }
  static void encode(std::string& out, T value) { put_integer(out, value); }
  static T decode(Oid type, std::string_view bytes) {
    if (type == 21) return static_cast<T>(get_integer<std::int16_t>(bytes));
    if (type == 23) return static_cast<T>(get_integer<std::int32_t>(bytes));
    return static_cast<T>(get_integer<std::int64_t>(bytes));
  }
};
template <>
struct Codec<std::int16_t> : IntegerCodec<std::int16_t, 21, 1005> {};
template <>
struct Codec<std::int32_t> : IntegerCodec<std::int32_t, 23, 1007> {};
template <>
struct Codec<std::int64_t> : IntegerCodec<std::int64_t, 20, 1016> {};

template <>
struct Codec<double> {
  static constexpr Oid kOid = 701, kArrayOid = 1022;
  static constexpr bool accepts(Oid type) { return type == kOid; }
  static void encode(std::string& out, double value) { put_integer(out, std::bit_cast<std::int64_t>(value)); }
  static double decode(Oid, std::string_view bytes) {
    return std::bit_cast<double>(get_integer<std::int64_t>(bytes));
  }
};

/// Text; decode() also takes the raw bytes of a bytea. The view lives as long as its Rows.
template <>
struct Codec<std::string_view> {
  static constexpr Oid kOid = 25, kArrayOid = 1009;
  static constexpr bool accepts(Oid type) {
    return type == 25 || type == 1043 || type == 19 || type == 17 || type == 114 || type == 3802;
  }
  static void encode(std::string& out, std::string_view value) { out.append(value); }
  static std::string_view decode(Oid type, std::string_view bytes) {
    return type == 3802 ? bytes.substr(1) : bytes;  // jsonb begins with its format's version
  }
};
template <>
struct Codec<std::string> : Codec<std::string_view> {
  static std::string decode(Oid type, std::string_view bytes) {
    return std::string{Codec<std::string_view>::decode(type, bytes)};
  }
};
template <>
struct Codec<const char*> : Codec<std::string_view> {};

template <>
struct Codec<Bytes> {
  static constexpr Oid kOid = 17, kArrayOid = 1001;
  static void encode(std::string& out, Bytes value) { out.append(value.data); }
};

template <>
struct Codec<Json> {
  static constexpr Oid kOid = 3802, kArrayOid = 3807;
  static void encode(std::string& out, Json value) { out.append(1, '\1').append(value.text); }
};

template <>
struct Codec<Uuid> {
  static constexpr Oid kOid = 2950, kArrayOid = 2951;
  static constexpr bool accepts(Oid type) { return type == kOid; }
  static void encode(std::string& out, const Uuid& value) { out.append(value.view()); }
  static Uuid decode(Oid, std::string_view bytes) {
    std::array<unsigned char, 16> id{};
    require(bytes.size() == id.size(), "the server sends values whole");
    std::ranges::copy(bytes, id.begin());
    return Uuid{id};
  }
};

template <>
struct Codec<Xid> {
  static constexpr Oid kOid = 5069, kArrayOid = 271;
  static constexpr bool accepts(Oid type) { return type == kOid; }
  static void encode(std::string& out, Xid value) { put_integer(out, value.value); }
  static Xid decode(Oid, std::string_view bytes) { return Xid{get_integer<std::uint64_t>(bytes)}; }
};

/// timestamptz, which counts microseconds from 2000-01-01T00:00:00Z; what is finer than ours is cut.
template <>
struct Codec<Timestamp> {
  static constexpr Oid kOid = 1184, kArrayOid = 1185;
  static constexpr std::int64_t kEpoch = 946'684'800'000;  // 2000-01-01 in Unix milliseconds
  static constexpr bool accepts(Oid type) { return type == kOid; }
  static void encode(std::string& out, Timestamp value) {
    put_integer<std::int64_t>(out, (value.time_since_epoch().count() - kEpoch) * 1000);
  }
  static Timestamp decode(Oid, std::string_view bytes) {
    const std::chrono::microseconds since{get_integer<std::int64_t>(bytes)};
    return Timestamp{std::chrono::floor<std::chrono::milliseconds>(since) +
                     std::chrono::milliseconds{kEpoch}};
  }
};

/// date, which counts days from 2000-01-01.
template <>
struct Codec<std::chrono::year_month_day> {
  static constexpr Oid kOid = 1082, kArrayOid = 1182;
  static constexpr int kEpoch = 10'957;
  static constexpr bool accepts(Oid type) { return type == kOid; }
  static void encode(std::string& out, std::chrono::year_month_day value) {
    put_integer<std::int32_t>(
        out, static_cast<std::int32_t>(std::chrono::sys_days{value}.time_since_epoch().count() - kEpoch));
  }
  static std::chrono::year_month_day decode(Oid, std::string_view bytes) {
    return std::chrono::sys_days{std::chrono::days{get_integer<std::int32_t>(bytes) + kEpoch}};
  }
};

}  // namespace bongsu::postgres
