#include <bongsu/core/assert.hpp>
#include <bongsu/events/bulk.hpp>

#include <algorithm>

namespace bongsu::events {
namespace {

using Date = std::chrono::year_month_day;

struct Ages {
  AgeGroup group;
  std::string_view name;
  int from;
  std::optional<int> to;
};
constexpr Ages kAges[] = {{AgeGroup::kTeens, "TEENS", 10, 19},
                          {AgeGroup::kTwenties, "TWENTIES", 20, 29},
                          {AgeGroup::kThirties, "THIRTIES", 30, 39},
                          {AgeGroup::kForties, "FORTIES", 40, 49},
                          {AgeGroup::kFiftiesPlus, "FIFTIES_PLUS", 50, std::nullopt}};

const Ages& ages_of(AgeGroup group) {
  const auto at = static_cast<std::size_t>(group);
  require(at < std::size(kAges), "an age group of the enumeration");
  return kAges[at];
}

/// The same day so many years ago; 28 February where that year has no 29th.
Date years_before(Date date, int years) {
  const auto there = date - std::chrono::years{years};
  return there.ok() ? there : Date{there.year() / there.month() / std::chrono::last};
}

Date day_after(Date date) { return Date{std::chrono::sys_days{date} + std::chrono::days{1}}; }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Gives what stands outside of placeholders, and each placeholder's name, in order, until one of the two
/// says no.
template <class Text, class Placeholder>
bool walk(std::string_view text, Text on_text, Placeholder on_placeholder) {
  while (true) {
    const auto open = text.find("{{");
    if (open == std::string_view::npos) break;
    const auto close = text.find("}}", open + 2);
    if (close == std::string_view::npos) break;
    on_text(text.substr(0, open));
    if (!on_placeholder(trimmed(text.substr(open + 2, close - open - 2)))) return false;
    text.remove_prefix(close + 2);
  }
  on_text(text);
  return true;
}

constexpr std::string_view kName = "name";

}  // namespace

std::string_view name_of(AgeGroup group) { return ages_of(group).name; }

Result<AgeGroup> parse_age_group(std::string_view text) {
  for (const auto& known : kAges) {
    if (known.name == text) return known.group;
  }
  return fail(ErrorCode::kInvalidArgument,
              "not an age group: one of TEENS, TWENTIES, THIRTIES, FORTIES, FIFTIES_PLUS");
}

BirthDates birth_dates(AgeGroup group, Date date) {
  const auto& ages = ages_of(group);
  BirthDates range{.first = {}, .last = years_before(date, ages.from)};
  if (ages.to) range.first = day_after(years_before(date, *ages.to + 1));
  return range;
}

Result<void> check_placeholders(std::string_view text) {
  const bool known =
      walk(text, [](std::string_view) {}, [](std::string_view placeholder) { return placeholder == kName; });
  if (known) return {};
  return fail(ErrorCode::kInvalidArgument, "the only placeholder is {{name}}", "unknown_placeholder");
}

std::string personalised(std::string_view text, std::string_view name) {
  std::string out;
  out.reserve(text.size() + name.size());
  walk(
      text, [&](std::string_view plain) { out.append(plain); },
      [&](std::string_view placeholder) {
        if (placeholder == kName) out.append(name);
        return true;
      });
  return out;
}

}  // namespace bongsu::events
