#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/random.hpp>
#include <bongsu/core/time.hpp>

#include <array>
#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace bongsu {

/// A UUID (RFC 9562). Versions 7 and 8 as made here begin with their time in milliseconds, so that
/// ids sort by age and tables can be partitioned by time on the id itself.
class Uuid {
 public:
  constexpr Uuid() = default;
  explicit constexpr Uuid(std::array<unsigned char, 16> bytes) : bytes_(bytes) {}

  /// Version 7: `time`, then chance.
  static Uuid v7(Timestamp time, Random& random);
  /// Version 8: `time`, then SHA-256 of `name`. The same arguments always give the same id.
  static Uuid v8(Timestamp time, std::string_view name);
  /// The textual form, either case. Errors: kInvalidArgument.
  static Result<Uuid> parse(std::string_view text);

  std::string str() const;
  const std::array<unsigned char, 16>& bytes() const { return bytes_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  int version() const { return bytes_[6] >> 4; }
  /// The time in the first 48 bits; meaningful for versions 7 and 8 only.
  Timestamp time() const;
  bool is_nil() const { return *this == Uuid{}; }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;

 private:
  std::array<unsigned char, 16> bytes_{};
};

}  // namespace bongsu

template <>
struct std::hash<bongsu::Uuid> {
  std::size_t operator()(const bongsu::Uuid& id) const noexcept;
};
