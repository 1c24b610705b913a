#include "outcome.hpp"

#include <bongsu/events/bulk.hpp>

#include <algorithm>

namespace bongsu::jobs {
namespace {

constexpr std::uint32_t kMostGeneration = 15;

}  // namespace

Outcome suppressed_for(std::string_view reason) {
  if (reason == "no_consent") return Outcome::kNoConsent;
  if (reason == "inactive") return Outcome::kInactive;
  if (reason == "no_recipient") return Outcome::kNoRecipient;
  return Outcome::kCancelled;
}

bool Recipient::merge(Outcome result, std::uint32_t of_generation) {
  if (result == Outcome::kPending) return false;
  const auto theirs = std::min(of_generation, kMostGeneration);
  const bool first = outcome() == Outcome::kPending;
  const bool newer = theirs > generation();
  const bool better =
      theirs == generation() && result == Outcome::kDelivered && outcome() != Outcome::kDelivered;
  if (!first && !newer && !better) return false;
  byte_ = static_cast<std::uint8_t>((theirs << 4U) | (byte_ & 8U) | static_cast<std::uint8_t>(result));
  return true;
}

bool Page::has(std::uint32_t index) const {
  return index < (size ? static_cast<std::uint32_t>(*size) : events::kPageSize);
}

Recipient Page::at(std::uint32_t index) const {
  return index < outcomes.size() ? Recipient{static_cast<std::uint8_t>(outcomes[index])} : Recipient{};
}

void Page::put(std::uint32_t index, Recipient recipient) {
  if (index >= outcomes.size()) outcomes.resize(index + 1, '\0');
  outcomes[index] = static_cast<char>(recipient.byte());
}

void Page::plan(std::int32_t members, bool is_last) {
  size = members;
  last = last || is_last;
  outcomes.resize(static_cast<std::size_t>(members), '\0');
}

PageCounts Page::count() const {
  PageCounts counts;
  for (const char byte : outcomes) {
    const Recipient recipient{static_cast<std::uint8_t>(byte)};
    ++counts.of[static_cast<std::size_t>(recipient.outcome())];
    if (recipient.fell_back()) ++counts.fallback;
  }
  return counts;
}

}  // namespace bongsu::jobs
