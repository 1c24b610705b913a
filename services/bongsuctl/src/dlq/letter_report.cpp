#include "dlq/letter_report.hpp"

#include "dlq/letter_choice.hpp"
#include "progress_bar.hpp"
#include "proto_text.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

namespace bongsu::ctl {
namespace {

using deadletters::v1::DeadLetter;
using deadletters::v1::SummarizeDeadLettersResponse;
using deadletters::v1::Value;

constexpr std::size_t kBarWidth = 30;
constexpr int kMostKeys = 15;
constexpr int kMostHours = 48;
constexpr std::size_t kGlance = 512;

std::string as_text(const Report& report) {
  std::ostringstream out;
  print(report, Format::kTable, out);
  return out.str();
}

/// Lines of name and value; what is empty is left out.
class Lines {
 public:
  void add(const char* name, std::string value) {
    if (value.empty()) return;
    report_.columns.emplace_back(name);
    report_.rows[0].push_back(std::move(value));
  }
  void add(const char* name, std::int64_t value) { add(name, value == 0 ? "" : grouped(value)); }
  std::string text() const { return as_text(report_); }

 private:
  Report report_{.columns = {}, .rows = {{}}, .json = {}, .upright = true};
};

std::string place(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  if (topic.empty()) return {};
  return topic + ", partition " + std::to_string(partition) + ", offset " + std::to_string(offset);
}

std::string facts_of(const DeadLetter& letter) {
  Lines lines;
  lines.add("id", without_prefix(kLetterPrefix, letter.name()));
  lines.add("state", DeadLetter::State_Name(letter.state()));
  lines.add("channel", letter.channel());
  lines.add("reason", letter.reason());
  lines.add("provider_code", shown(letter.provider_code()));
  lines.add("why", shown(letter.error_message()));
  lines.add("died", time_of(letter.has_died_time(), letter.died_time()));
  lines.add("first_failed", time_of(letter.has_first_failed_time(), letter.first_failed_time()));
  lines.add("attempts", letter.attempts());
  lines.add("tries", letter.tries());
  lines.add("generation", letter.generation());
  lines.add("replayed", letter.replay_count());
  lines.add("replay", letter.replay());
  lines.add("notification", shown(letter.notification_id()));
  lines.add("recipient", shown(letter.recipient()));
  lines.add("job", shown(letter.job()));
  lines.add("lies_in", place(letter.topic(), letter.partition(), letter.offset()));
  lines.add("came_from", place(letter.origin_topic(), letter.origin_partition(), letter.origin_offset()));
  lines.add("read_by", shown(letter.origin_group()));
  return lines.text();
}

std::string value_of(const Value& value) {
  Lines lines;
  lines.add("unreadable", shown(value.unreadable_because()));
  lines.add("size", value.size_bytes() == 0 ? "" : grouped(value.size_bytes()) + " bytes");
  lines.add("recipient", shown(value.recipient()));
  lines.add("subject", shown(value.subject()));
  lines.add("content", shown(value.content()));
  lines.add("member", shown(value.member_id()));
  lines.add("campaign", shown(value.campaign_id()));
  lines.add("purpose", value.purpose());
  lines.add("falls_back_to", value.fallback_channel());
  lines.add("fallback_recipient", shown(value.fallback_recipient()));
  lines.add("requested", time_of(value.has_request_time(), value.request_time()));
  lines.add("expires", time_of(value.has_expire_time(), value.expire_time()));
  return lines.text();
}

std::string bytes_of(const Value& value, bool all) {
  if (value.hex().empty()) {
    // A value that is gone has no size; of one that cannot be read the bytes may be clear text.
    return value.unreadable_because().empty() || value.revealed() || value.size_bytes() == 0
               ? ""
               : "\nits bytes may be clear text; show them with --reveal (needs the role "
                 "deadletter.reveal)\n";
  }
  if (!all && value.unreadable_because().empty()) return {};
  const auto most = all ? value.hex().size() / 2 : kGlance;
  auto text = "\nBYTES\n" + dump_of(value.hex(), most);
  if (most < value.hex().size() / 2)
    text += "… " + grouped(value.size_bytes()) + " bytes in all; more with --bytes\n";
  if (all && value.truncated())
    text += "… " + grouped(value.size_bytes()) + " bytes in all; the rest with kcat\n";
  return text;
}

std::string headers_of(const DeadLetter& letter) {
  if (letter.headers().empty()) return "\nHEADERS\n(none)\n";
  Report report{.columns = {"name", "value"}, .rows = {}, .json = {}, .lines = true};
  for (const auto& header : letter.headers())
    report.rows.push_back({shown(header.name()), shown(header.value())});
  return "\nHEADERS\n" + as_text(report);
}

std::string history_of(const DeadLetter& letter) {
  if (letter.history().empty()) return {};
  Report report{.columns = {"time", "event", "generation", "reason", "replay", "by"}, .rows = {}, .json = {}};
  for (const auto& entry : letter.history()) {
    report.rows.push_back({time_of(entry.has_time(), entry.time()), entry.event(),
                           std::to_string(entry.generation()), shown(entry.reason()), entry.replay(),
                           shown(entry.actor())});
  }
  return "\nHISTORY\n" + as_text(report);
}

/// A heading and a line with a bar for each count.
class Bars {
 public:
  explicit Bars(std::int64_t total) : total_(total) {}

  void heading(const std::string& text) {
    if (!report_.rows.empty()) report_.rows.push_back({""});
    report_.rows.push_back({text});
  }
  void add(const std::string& key, std::int64_t count, std::int64_t greatest) {
    const auto number = grouped(count);
    const auto share = total_ == 0 ? 0 : count * 100 / total_;
    report_.rows.push_back({"  " + key, fmt::format("{:>11}", number), fmt::format("{:>3} %", share),
                            bar_of(count, greatest, kBarWidth)});
  }
  void note(const std::string& text) { report_.rows.push_back({"  " + text}); }
  std::string text() const { return as_text(report_); }

 private:
  std::int64_t total_;
  Report report_{.columns = {"", "", "", ""}, .rows = {}, .json = {}, .lines = true};
};

using Counts = google::protobuf::RepeatedPtrField<SummarizeDeadLettersResponse::Count>;

void add_counts(Bars& bars, const std::string& heading, const Counts& counts, const std::string& none) {
  if (counts.empty()) return;
  bars.heading(heading);
  const auto shown_keys = std::min(counts.size(), kMostKeys);
  for (int i = 0; i < shown_keys; ++i) {
    bars.add(counts[i].key().empty() ? none : shown(counts[i].key()), counts[i].count(), counts[0].count());
  }
  if (counts.size() > shown_keys) bars.note(fmt::format("and {} more: -o json", counts.size() - shown_keys));
}

void add_hours(Bars& bars, const SummarizeDeadLettersResponse& summary) {
  if (summary.hours().empty()) return;
  bars.heading("HOUR OF DEATH (UTC)");
  std::int64_t greatest = 0;
  for (const auto& hour : summary.hours()) greatest = std::max(greatest, hour.count());
  const auto first = std::max(0, summary.hours_size() - kMostHours);
  if (first > 0) bars.note(fmt::format("{} earlier hours: -o json", first));
  for (int i = first; i < summary.hours_size(); ++i) {
    auto hour = time_of(true, summary.hours(i).hour()).substr(0, 16);
    std::replace(hour.begin(), hour.end(), 'T', ' ');
    bars.add(hour, summary.hours(i).count(), greatest);
  }
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string bar_of(std::int64_t count, std::int64_t greatest, std::size_t width) {
  if (count <= 0 || greatest <= 0) return {};
  const auto share = static_cast<double>(count) / static_cast<double>(greatest);
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width) + 0.5);
  return std::string(std::clamp<std::size_t>(full, 1, width), '#');
}

std::string dump_of(std::string_view hex, std::size_t most) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size() && bytes.size() < most; i += 2) {
    const auto high = nibble(hex[i]);
    const auto low = nibble(hex[i + 1]);
    if (high < 0 || low < 0) break;
    bytes += static_cast<char>(high * 16 + low);
  }
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    const auto line = std::string_view{bytes}.substr(at, 16);
    text += fmt::format("{:06x}  ", at);
    for (std::size_t i = 0; i < 16; ++i) {
      text += i < line.size() ? fmt::format("{:02x} ", static_cast<unsigned char>(line[i])) : "   ";
      if (i == 7) text += ' ';
    }
    text += " |";
    for (const char c : line) text += c >= 0x20 && c < 0x7F ? c : '.';
    text += "|\n";
  }
  return text;
}

std::string shown(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      safe += "\n    ";
    } else if (byte < 0x20 || byte == 0x7F) {
      safe += fmt::format("\\x{:02x}", byte);
    } else {
      safe += c;
    }
  }
  return safe;
}

Report report_of(const std::vector<DeadLetter>& letters) {
  Report report{.columns = {"id", "died", "channel", "reason", "provider_code", "recipient", "job",
                            "generation", "state"},
                .rows = {},
                .json = json_of(letters)};
  for (const auto& letter : letters) {
    report.rows.push_back({without_prefix(kLetterPrefix, letter.name()),
                           time_of(letter.has_died_time(), letter.died_time()), letter.channel(),
                           letter.reason(), shown(letter.provider_code()), shown(letter.recipient()),
                           without_prefix("jobs/", letter.job()), std::to_string(letter.generation()),
                           DeadLetter::State_Name(letter.state())});
  }
  return report;
}

Report report_of(const DeadLetter& letter, bool bytes) {
  const auto value = value_of(letter.value());
  auto text = facts_of(letter);
  if (!value.empty()) text += (letter.value().revealed() ? "\nVALUE\n" : "\nVALUE (masked)\n") + value;
  text += bytes_of(letter.value(), bytes) + headers_of(letter) + history_of(letter);
  return {.columns = {}, .rows = {}, .json = json_of(letter), .text = std::move(text)};
}

Report report_of(const SummarizeDeadLettersResponse& summary) {
  Bars bars{summary.total_count()};
  add_counts(bars, "CHANNEL", summary.channels(), "(none)");
  add_counts(bars, "REASON", summary.reasons(), "(none)");
  add_counts(bars, "PROVIDER'S CODE", summary.provider_codes(), "(none)");
  add_counts(bars, "STATE", summary.states(), "(none)");
  add_counts(bars, "JOB", summary.jobs(), "(no job)");
  add_hours(bars, summary);
  auto text = grouped(summary.total_count()) + (summary.total_count() == 1 ? " letter" : " letters") + "\n";
  if (summary.total_count() > 0) text += "\n" + bars.text();
  return {.columns = {}, .rows = {}, .json = json_of(summary), .text = std::move(text)};
}

Report report_of(const deadletters::v1::DiscardDeadLettersResponse& discarded) {
  return {.columns = {"discarded", "skipped"},
          .rows = {{grouped(discarded.discarded_count()), grouped(discarded.skipped_count())}},
          .json = json_of(discarded),
          .upright = true};
}

}  // namespace bongsu::ctl
