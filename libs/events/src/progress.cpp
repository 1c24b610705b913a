#include <bongsu/core/bytes.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/events/progress.hpp>
#include <bongsu/events/reasons.hpp>

#include <charconv>

namespace bongsu::events {
namespace {

std::unexpected<Error> malformed(std::string_view name, std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, "header " + std::string{name} + " is " + std::string{what},
              std::string{reason::kUndecodable});
}

template <class Number>
Result<void> read_number(const Headers& headers, std::string_view name, Number& number) {
  const auto text = find(headers, name);
  if (!text) return {};
  Number read{};
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), read);
  if (error != std::errc{} || end != text->data() + text->size()) return malformed(name, "not a number");
  number = read;
  return {};
}

Result<void> read_time(const Headers& headers, std::string_view name, std::optional<Timestamp>& time) {
  const auto text = find(headers, name);
  if (!text) return {};
  const auto read = parse_rfc3339(*text);
  if (!read) return malformed(name, "not an RFC 3339 time");
  time = *read;
  return {};
}

Result<void> read_text(const Headers& headers, std::string_view name, bool required, std::string& text) {
  const auto value = find(headers, name);
  if (!value && required) return malformed(name, "missing");
  if (!value) return {};
  if (!is_utf8(*value)) return malformed(name, "not UTF-8");
  text = *value;
  return {};
}

void erase(Headers& headers, std::string_view name) {
  std::erase_if(headers, [&](const Header& header) { return header.name == name; });
}

void write_time(Headers& headers, std::string_view name, const std::optional<Timestamp>& time) {
  if (time) {
    set(headers, name, to_rfc3339(*time));
  } else {
    erase(headers, name);
  }
}

}  // namespace

void write(Headers& headers, const Progress& progress) {
  set(headers, header::kGeneration, std::to_string(progress.generation));
  set(headers, header::kAttempt, std::to_string(progress.attempt));
  set(headers, header::kRound, std::to_string(progress.round));
  write_time(headers, header::kDueAt, progress.due_at);
  write_time(headers, header::kFirstFailedAt, progress.first_failed_at);
}

Result<Progress> read_progress(const Headers& headers) {
  Progress progress;
  auto read = read_number(headers, header::kGeneration, progress.generation);
  if (read) read = read_number(headers, header::kAttempt, progress.attempt);
  if (read && progress.attempt == 0) read = malformed(header::kAttempt, "0: attempts start at 1");
  if (read) read = read_number(headers, header::kRound, progress.round);
  if (read) read = read_time(headers, header::kDueAt, progress.due_at);
  if (read) read = read_time(headers, header::kFirstFailedAt, progress.first_failed_at);
  if (!read) return std::unexpected(std::move(read).error());
  return progress;
}

void write(Headers& headers, const Death& death) {
  set(headers, header::kReason, death.reason);
  if (death.provider_code.empty()) {
    erase(headers, header::kProviderCode);
  } else {
    set(headers, header::kProviderCode, death.provider_code);
  }
  set(headers, header::kErrorTopic, death.topic);
  set(headers, header::kErrorPartition, std::to_string(death.partition));
  set(headers, header::kErrorOffset, std::to_string(death.offset));
  set(headers, header::kErrorGroup, death.group);
  set(headers, header::kErrorDeliveryCount, std::to_string(death.tries));
  set(headers, header::kErrorMessage, death.message);
}

Result<Death> read_death(const Headers& headers) {
  for (const auto name : {header::kErrorPartition, header::kErrorOffset}) {
    if (!find(headers, name)) return malformed(name, "missing");
  }
  Death death;
  auto read = read_text(headers, header::kReason, true, death.reason);
  if (read) read = read_text(headers, header::kProviderCode, false, death.provider_code);
  if (read) read = read_text(headers, header::kErrorTopic, true, death.topic);
  if (read) read = read_number(headers, header::kErrorPartition, death.partition);
  if (read) read = read_number(headers, header::kErrorOffset, death.offset);
  if (read) read = read_text(headers, header::kErrorGroup, false, death.group);
  if (read) read = read_number(headers, header::kErrorDeliveryCount, death.tries);
  if (read) read = read_text(headers, header::kErrorMessage, false, death.message);
  if (!read) return std::unexpected(std::move(read).error());
  return death;
}

}  // namespace bongsu::events
