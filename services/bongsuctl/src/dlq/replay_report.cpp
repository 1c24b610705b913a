#include "dlq/replay_report.hpp"

#include "dlq/letter_choice.hpp"
#include "proto_text.hpp"

#include <cmath>

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

namespace bongsu::ctl {
namespace {

using deadletters::v1::Replay;

std::int64_t done(const Replay& replay) {
  return replay.delivered_count() + replay.dead_again_count() + replay.skipped_count() +
         replay.returned_count();
}

std::string count_or_nothing(std::int64_t count) { return count == 0 ? "" : grouped(count); }

std::string letters(std::int64_t count) { return grouped(count) + (count == 1 ? " letter" : " letters"); }

std::string rate_of(const Replay& replay) {
  return replay.rate_per_second() > 0 ? fmt::format("{:g}/s", replay.rate_per_second()) : "";
}

std::string canary_of(const Replay& replay) {
  if (!replay.has_canary()) return {};
  return fmt::format("{} first, at least {:g} % of them delivered: {}", replay.canary().count(),
                     replay.canary().min_success_ratio() * 100, Replay::Canaries_Name(replay.canaries()));
}

std::string left(const Replay& replay) {
  if (replay.rate_per_second() <= 0 || replay.waiting_count() == 0) return {};
  if (replay.canaries() == Replay::AWAITED) return ", the canary's outcomes are awaited";
  const auto seconds = std::ceil(static_cast<double>(replay.waiting_count()) / replay.rate_per_second());
  return ", about " + spoken(std::chrono::seconds{static_cast<std::int64_t>(seconds)}) + " left";
}

std::string until(const Replay& plan, Timestamp now) {
  using google::protobuf::util::TimeUtil;
  const auto seconds = std::chrono::seconds{plan.expire_time().seconds()} -
                       std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  const auto text = TimeUtil::ToString(plan.expire_time());
  return seconds.count() > 0 ? text + " (for " + spoken(seconds) + ")" : text + " (that is over)";
}

std::string outcomes_of(const Replay& replay) {
  std::string text;
  const auto add = [&](std::int64_t count, const char* what) {
    if (count > 0) text += ", " + grouped(count) + " " + what;
  };
  add(replay.dead_again_count(), "died again");
  add(replay.skipped_count(), "skipped");
  add(replay.returned_count(), "not sent");
  return text;
}

}  // namespace

Report report_of(const Replay& replay) {
  Report report{.columns = {}, .rows = {{}}, .json = json_of(replay), .upright = true};
  const auto add = [&](const char* name, std::string value) {
    report.columns.emplace_back(name);
    report.rows[0].push_back(std::move(value));
  };
  add("name", replay.name());
  add("state", Replay::State_Name(replay.state()));
  add("letters", grouped(replay.total_count()));
  add("delivered", grouped(replay.delivered_count()));
  add("dead_again", count_or_nothing(replay.dead_again_count()));
  add("skipped", count_or_nothing(replay.skipped_count()));
  add("not_sent", count_or_nothing(replay.returned_count()));
  add("on_their_way", count_or_nothing(replay.replaying_count()));
  add("waiting", count_or_nothing(replay.waiting_count()));
  add("to_others", count_or_nothing(replay.repaired_count()));
  add("rate", rate_of(replay));
  add("canary", canary_of(replay));
  add("planned", time_of(replay.has_create_time(), replay.create_time()));
  add("by", replay.created_by());
  add("started", time_of(replay.has_start_time(), replay.start_time()));
  add("by", replay.executed_by());
  add("completed", time_of(replay.has_complete_time(), replay.complete_time()));
  add("cancelled_by", replay.cancelled_by());
  return report;
}

Report report_of(const std::vector<Replay>& replays) {
  Report report{.columns = {"name", "state", "letters", "delivered", "dead_again", "skipped", "not_sent",
                            "waiting", "created", "by"},
                .rows = {},
                .json = json_of(replays)};
  for (const auto& replay : replays) {
    report.rows.push_back({replay.name(), Replay::State_Name(replay.state()), grouped(replay.total_count()),
                           grouped(replay.delivered_count()), grouped(replay.dead_again_count()),
                           grouped(replay.skipped_count()), grouped(replay.returned_count()),
                           grouped(replay.waiting_count()),
                           time_of(replay.has_create_time(), replay.create_time()), replay.created_by()});
  }
  return report;
}

std::string plan_of(const Replay& plan, Timestamp now) {
  std::string text = letters(plan.total_count()) + " would be sent again\n";
  for (const auto& one : plan.counts())
    text += fmt::format("  {:>11}  {}\n", grouped(one.count()), one.reason());
  for (const auto& one : plan.warnings())
    text +=
        "  careful: " + (one.message().empty() ? grouped(one.count()) + " " + one.code() : one.message()) +
        " [" + one.code() + "]\n";
  text += "plan    " + plan.name() + "\ndigest  " + plan.digest() + "\n";
  if (plan.has_expire_time()) text += "until   " + until(plan, now) + "\n";
  return text;
}

std::string next_command(const Replay& plan) {
  return "bongsuctl dlq replay " + plan.name() + " --digest " + plan.digest();
}

Step step_of(const Replay& replay) {
  const auto total = static_cast<double>(replay.total_count());
  const bool over = has_ended(replay);
  auto text = Replay::State_Name(replay.state()) + " " + grouped(replay.delivered_count()) + " of " +
              grouped(replay.total_count()) + " delivered" + outcomes_of(replay);
  if (!over && replay.replaying_count() > 0)
    text += ", " + grouped(replay.replaying_count()) + " on their way";
  if (!over) text += left(replay);
  return {.done = total > 0 ? static_cast<double>(done(replay)) / total : (over ? 1.0 : 0.0),
          .text = std::move(text)};
}

bool has_ended(const Replay& replay) {
  switch (replay.state()) {
    case Replay::COMPLETED:
    case Replay::HALTED:
    case Replay::CANCELLED:
    case Replay::EXPIRED:
      return true;
    default:
      return false;
  }
}

bool went_well(const Replay& replay) {
  return replay.state() == Replay::COMPLETED && replay.dead_again_count() == 0;
}

}  // namespace bongsu::ctl
