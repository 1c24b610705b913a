#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What became of a recipient, in one byte; and of a page of them. All of it is pure.
namespace bongsu::jobs {

enum class Outcome : std::uint8_t {
  kPending,
  kDelivered,
  kFailed,
  kUnknown,
  kNoConsent,  ///< these four: suppressed
  kInactive,
  kNoRecipient,
  kCancelled,
};

/// The outcome of that reason's suppression. A reason that is not known counts as cancelled: somebody
/// decided.
Outcome suppressed_for(std::string_view reason);

/// A recipient's byte: outcome, whether the fallback took over, generation (15 stands for all greater).
class Recipient {
 public:
  constexpr Recipient() = default;
  explicit constexpr Recipient(std::uint8_t byte) : byte_(byte) {}

  constexpr Outcome outcome() const { return static_cast<Outcome>(byte_ & 7U); }
  constexpr bool fell_back() const { return (byte_ & 8U) != 0; }
  constexpr std::uint32_t generation() const { return byte_ >> 4U; }
  constexpr std::uint8_t byte() const { return byte_; }

  /// A final result. A higher generation wins; within one, delivered; else the first stays. Tells whether it
  /// stands now and did not before.
  bool merge(Outcome outcome, std::uint32_t generation);
  void note_fallback() { byte_ |= 8U; }

  friend constexpr bool operator==(Recipient, Recipient) = default;

 private:
  std::uint8_t byte_ = 0;
};

/// How many of each. Order as Outcome's.
struct PageCounts {
  std::array<std::int16_t, 8> of{};
  std::int16_t fallback = 0;

  std::int16_t operator[](Outcome outcome) const { return of[static_cast<std::size_t>(outcome)]; }
  friend bool operator==(const PageCounts&, const PageCounts&) = default;
};

/// A page's row. Results may come before the gateway's word about it, and it before its job.
struct Page {
  std::optional<std::int32_t> size;
  bool last = false;
  /// As long as the greatest index that was heard of; with the size known, as long as that.
  std::string outcomes;

  /// False: the page has no such place.
  bool has(std::uint32_t index) const;
  Recipient at(std::uint32_t index) const;
  void put(std::uint32_t index, Recipient recipient);
  /// The gateway's word. The same again changes nothing.
  void plan(std::int32_t members, bool is_last);
  /// Of what the bytes say; pending are those of known places.
  PageCounts count() const;
};

}  // namespace bongsu::jobs
