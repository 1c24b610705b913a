#pragma once
#include <bongsu/core/error.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a bulk job's sender, jobs and the gateway have to agree on.
namespace bongsu::events {

/// Ages in full years; children under ten are in no group.
enum class AgeGroup : std::uint8_t { kTeens, kTwenties, kThirties, kForties, kFiftiesPlus };

inline constexpr std::array kAgeGroups{AgeGroup::kTeens, AgeGroup::kTwenties, AgeGroup::kThirties,
                                       AgeGroup::kForties, AgeGroup::kFiftiesPlus};

/// "TEENS", "TWENTIES", "THIRTIES", "FORTIES", "FIFTIES_PLUS"
std::string_view name_of(AgeGroup group);
/// Errors: kInvalidArgument.
Result<AgeGroup> parse_age_group(std::string_view text);

/// The birth dates, both inclusive, of those who are in the group on `date`. `first` is none where age
/// has no upper end.
struct BirthDates {
  std::optional<std::chrono::year_month_day> first;
  std::chrono::year_month_day last;
};
/// A birthday begins a new year of age. Who was born on 29 February has it on 1 March in other years
/// (Civil Act of Korea, articles 158 and 160). Pure.
BirthDates birth_dates(AgeGroup group, std::chrono::year_month_day date);

/// Bounds of a bulk message.
inline constexpr std::size_t kMaxBulkMessage = 10'000;  ///< characters
inline constexpr std::size_t kMaxBulkMessageBytes = 64U << 10;
/// The greatest number of members in a page.
inline constexpr std::size_t kPageSize = 1000;

/// Refuses a text with a placeholder that stands for nothing: {{name}} is the only one, blanks within
/// the braces allowed. Errors: kInvalidArgument, detail `unknown_placeholder`.
Result<void> check_placeholders(std::string_view text);
/// The text for one member. The name is put in as it is: braces in it mean nothing.
std::string personalised(std::string_view text, std::string_view name);

}  // namespace bongsu::events
