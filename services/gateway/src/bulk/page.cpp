#include "bulk/page.hpp"

#include <charconv>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;

template <class OnLine>
void for_each_line(std::string_view text, OnLine on_line) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    on_line(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

bool is_night_in_seoul(Timestamp now) {
  const auto there = now + 9h;
  const auto hour =
      std::chrono::floor<std::chrono::hours>(there - std::chrono::floor<std::chrono::days>(there));
  return hour >= 21h || hour < 8h;
}

}  // namespace

std::string to_lines(const std::vector<std::string>& members) {
  std::string lines;
  std::size_t size = 0;
  for (const auto& member : members) size += member.size() + 1;
  lines.reserve(size);
  for (const auto& member : members) lines.append(member).push_back('\n');
  return lines;
}

std::string to_lines(const std::vector<Suppressed>& suppressed) {
  std::string lines;
  for (const auto& one : suppressed) {
    lines.append(std::to_string(one.index)).append(" ").append(one.reason).push_back('\n');
  }
  return lines;
}

std::vector<std::string> members_of(std::string_view lines) {
  std::vector<std::string> members;
  for_each_line(lines, [&](std::string_view line) { members.emplace_back(line); });
  return members;
}

Result<std::vector<Suppressed>> suppressed_of(std::string_view lines) {
  std::vector<Suppressed> all;
  bool good = true;
  for_each_line(lines, [&](std::string_view line) {
    Suppressed one;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), one.index);
    const auto rest = line.substr(static_cast<std::size_t>(end - line.data()));
    good = good && error == std::errc{} && rest.size() > 1 && rest.front() == ' ';
    if (!good) return;
    one.reason = rest.substr(1);
    all.push_back(std::move(one));
  });
  if (!good) return fail(ErrorCode::kInternal, "bulk_page.suppressed: not \"index reason\" in each line");
  return all;
}

Needs needs_of(events::Channel channel, events::Purpose purpose, Timestamp now) {
  const bool marketing = purpose == events::Purpose::kMarketing;
  return {.phone = channel == events::Channel::kKakao || channel == events::Channel::kSms,
          .marketing_consent = marketing,
          .night_consent = marketing && is_night_in_seoul(now)};
}

}  // namespace bongsu::gateway
