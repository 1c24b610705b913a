#pragma once
#include <bongsu/core/error.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/events/channel.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::gateway {

/// Whom a job leaves out, and why. Reasons: no_recipient, no_consent, inactive.
struct Suppressed {
  std::uint32_t index = 0;  ///< the member's place in the page
  std::string reason;
  friend bool operator==(const Suppressed&, const Suppressed&) = default;
};

/// Up to events::kPageSize members of a job, frozen in order: the same page always has the same members
/// in the same places.
struct Page {
  std::uint32_t number = 0;
  std::vector<std::string> members;    ///< user ids
  std::vector<Suppressed> suppressed;  ///< by index
  bool last = false;                   ///< no page comes after it
};

/// As they stand in bulk_page: one a line. A user id holds no control characters.
std::string to_lines(const std::vector<std::string>& members);
std::string to_lines(const std::vector<Suppressed>& suppressed);
std::vector<std::string> members_of(std::string_view lines);
/// Errors: kInternal, when the text is none of ours.
Result<std::vector<Suppressed>> suppressed_of(std::string_view lines);

/// What a member has to have for a message.
struct Needs {
  bool phone = false;
  bool marketing_consent = false;
  bool night_consent = false;
};
/// Marketing needs consent, and between 21:00 and 08:00 in Seoul a consent of its own (Act on Promotion
/// of Information and Communications Network Utilization of Korea, article 50). Pure.
Needs needs_of(events::Channel channel, events::Purpose purpose, Timestamp now);

}  // namespace bongsu::gateway
