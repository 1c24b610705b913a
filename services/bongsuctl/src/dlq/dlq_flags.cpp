#include "dlq/dlq_flags.hpp"

#include "addresses.hpp"
#include "dlq/letter_command.hpp"
#include "dlq/replay_command.hpp"

#include <algorithm>
#include <cctype>

#include <CLI/CLI.hpp>

namespace bongsu::ctl {
namespace {

using Choice = std::shared_ptr<LetterChoice>;
using Order = std::shared_ptr<ReplayOrder>;

constexpr const char* kAgain = "; can be given again";

/// Why letters died; `discard` has another --reason.
constexpr const char* kReason = "--reason,--died-of";
constexpr const char* kDiedOf = "--died-of";

std::string in_capitals(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

void add_filter(CLI::App& command, LetterChoice& choice, const char* reason = kReason) {
  const auto several = [&](const char* name, std::vector<std::string>& into, const std::string& what) {
    return command.add_option(name, into, what + kAgain)->allow_extra_args(false)->group("Which letters");
  };
  const auto one = [&](const char* name, std::string& into, const char* what) {
    command.add_option(name, into, what)->group("Which letters");
  };
  several("--channel", choice.channels,
          "EMAIL, COUPON, KAKAO, SMS; EVENTS: what another service could not use")
      ->transform(in_capitals);
  several(reason, choice.reasons, "timeout, unavailable, provider_rejected, …");
  several("--provider-code", choice.provider_codes, "what the provider answered: 400, 550, …");
  one("--job", choice.job, "of this job");
  one("--from", choice.from, "died then or later: 2026-11-21T03:00:00+09:00, or so long ago: 2h");
  one("--to", choice.to, "died before");
  one("--replay", choice.replay, "that this replay took up");
  one("--notification", choice.notification, "every generation of this one");
  command.add_option("--min-replays", choice.min_replay_count, "replayed at least so often before")
      ->check(CLI::NonNegativeNumber)
      ->group("Which letters");
}

void add_recipient(CLI::App& command, LetterChoice& choice) {
  command.add_option("--recipient", choice.recipient, "address or number, in full")->group("Which letters");
}

void add_states(CLI::App& command, LetterChoice& choice) {
  command
      .add_option("--state", choice.states,
                  std::string{"OPEN, REPLAYING, DELIVERED, DEAD_AGAIN, DISCARDED"} + kAgain)
      ->transform(in_capitals)
      ->allow_extra_args(false)
      ->group("Which letters");
}

void add_letters(CLI::App& command, LetterChoice& choice, const char* what) {
  command.add_option("letters", choice.ids, what);
  command.add_flag("--all", choice.all, "every open letter")->group("Which letters");
}

/// Exactly one of: ids, filters, --all. Nobody discards or sends everything by leaving something out.
void check(const LetterChoice& choice) {
  const int ways = (choice.ids.empty() ? 0 : 1) + (choice.has_filter() ? 1 : 0) + (choice.all ? 1 : 0);
  if (ways == 0) throw CLI::RequiredError("which letters: their ids, a filter, or --all");
  if (ways > 1)
    throw CLI::ValidationError("letters", "give their ids, or filters, or --all, and not several");
}

void check_plan(const LetterChoice& choice) {
  check(choice);
  const auto is_plan = [](const auto& id) { return id.starts_with(kReplayPrefix); };
  if (choice.ids.size() > 1 && std::any_of(choice.ids.begin(), choice.ids.end(), is_plan))
    throw CLI::ValidationError("letters", "one plan at a time");
}

void add_conditions(CLI::App& command, ReplayOrder& order) {
  command.add_option("--rate", order.rate, "letters a second")->capture_default_str();
  command.add_option("--canary", order.canary, "so many first; the rest waits for their outcomes")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--min-success", order.min_success,
                  "of the canary this share must be delivered, else nothing more is sent")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_flag("!--no-watch", order.watch, "do not stay until it has ended");
}

void add_list(ServiceCommands& dlq) {
  const Choice choice = std::make_shared<LetterChoice>();
  auto page = std::make_shared<LetterPage>();
  auto& list = dlq.add("list", "the youngest first", [choice, page](ServiceOptions options) {
    return list_letters(std::move(options), *choice, *page);
  });
  add_filter(list, *choice);
  add_recipient(list, *choice);
  add_states(list, *choice);
  list.add_option("--limit", page->limit, "at most")->check(CLI::PositiveNumber)->capture_default_str();
  list.add_option("--page-token", page->token, "go on where an earlier list ended");
}

void add_show(ServiceCommands& dlq) {
  auto id = std::make_shared<std::string>();
  auto view = std::make_shared<LetterView>();
  auto& show =
      dlq.add("show", "one letter: why it died, what it holds, its headers, its history",
              [id, view](ServiceOptions options) { return show_letter(std::move(options), *id, *view); });
  show.add_option("letter", *id, "its id, with or without deadLetters/ in front")->required();
  show.add_flag("--reveal", view->reveal,
                "private data in full; needs the role deadletter.reveal, and is logged");
  show.add_flag("--bytes", view->bytes, "the record's bytes as hex and text");
}

void add_stats(ServiceCommands& dlq) {
  const Choice choice = std::make_shared<LetterChoice>();
  auto& stats =
      dlq.add("stats", "how many, by channel, reason, state, job and hour",
              [choice](ServiceOptions options) { return summarize_letters(std::move(options), *choice); });
  add_filter(stats, *choice);
  add_recipient(stats, *choice);
  add_states(stats, *choice);
}

void add_plan(ServiceCommands& dlq) {
  const Choice choice = std::make_shared<LetterChoice>();
  auto& plan = dlq.add(
      "plan", "freeze what a replay would send, and show it; sends nothing",
      [choice](ServiceOptions options) { return plan_replay(std::move(options), *choice); },
      [choice] { check(*choice); });
  add_letters(plan, *choice, "their ids; or choose them by the options below");
  add_filter(plan, *choice);
  add_recipient(plan, *choice);
}

/// With letters named, or a plan, --recipient is where they go instead; with filters it is one of them.
void divide_recipients(LetterChoice& choice, ReplayOrder& order) {
  if (!choice.ids.empty() || order.recipients.empty()) return;
  if (order.recipients.size() > 1) throw CLI::ValidationError("--recipient", "one, where no letter is named");
  choice.recipient = order.recipients.front();
  order.recipients.clear();
}

void add_replay(ServiceCommands& dlq) {
  const Choice choice = std::make_shared<LetterChoice>();
  const Order order = std::make_shared<ReplayOrder>();
  auto& replay = dlq.add(
      "replay", "send letters again: shows the plan, asks, and draws a bar; exit code 1: not all delivered",
      [choice, order](ServiceOptions options) { return run_replay(std::move(options), *choice, *order); },
      [choice, order] {
        divide_recipients(*choice, *order);
        check_plan(*choice);
      });
  add_letters(replay, *choice, "a plan (replays/…), or letters' ids; or choose them by the options below");
  add_filter(replay, *choice);
  replay
      .add_option("--recipient", order->recipients,
                  "letters named: the address that they go to instead (LETTER=ADDRESS where there are "
                  "several); else: letters to this recipient")
      ->allow_extra_args(false);
  replay.add_option("--digest", order->digest, "refuse unless this is the plan's");
  add_conditions(replay, *order);
}

void add_watch(ServiceCommands& dlq) {
  const auto on_replay = [&](const char* name, const char* what, auto run) {
    auto replay = std::make_shared<std::string>();
    auto& command = dlq.add(
        name, what, [replay, run](ServiceOptions options) { return run(std::move(options), *replay); });
    command.add_option("replay", *replay, "its id, with or without replays/ in front")->required();
  };
  on_replay("watch", "a progress bar until the replay has ended; exit code 1: not all delivered",
            watch_replay);
  on_replay("cancel", "send no further letter; what was not sent stays open", cancel_replay);
  auto states = std::make_shared<std::vector<std::string>>();
  auto limit = std::make_shared<int>(20);
  auto& replays = dlq.add("replays", "replays, the youngest first", [states, limit](ServiceOptions options) {
    return list_replays(std::move(options), *states, *limit);
  });
  replays
      .add_option("--state", *states,
                  std::string{"PLANNED, RUNNING, COMPLETED, HALTED, CANCELLED, EXPIRED"} + kAgain)
      ->allow_extra_args(false);
  replays.add_option("--limit", *limit, "at most")->check(CLI::PositiveNumber)->capture_default_str();
}

void add_discard(ServiceCommands& dlq) {
  const Choice choice = std::make_shared<LetterChoice>();
  auto reason = std::make_shared<std::string>();
  auto& discard = dlq.add(
      "discard", "put letters away for good: they will never be replayed",
      [choice, reason](ServiceOptions options) {
        return discard_letters(std::move(options), *choice, *reason);
      },
      [choice] { check(*choice); });
  add_letters(discard, *choice, "their ids; or choose them by the options below");
  discard.add_option("--reason", *reason, "in your own words; it is kept with the letters")->required();
  add_filter(discard, *choice, kDiedOf);
  add_recipient(discard, *choice);
}

}  // namespace

void add_dead_letters(CLI::App& app, const Environment& environment, Invocation& invocation) {
  auto& group = *app.add_subcommand("dlq", "dead letters: what died, why, and sending it again");
  group.require_subcommand(1);
  ServiceCommands dlq{group, kDeadLetters, environment, invocation};
  add_list(dlq);
  add_show(dlq);
  add_stats(dlq);
  add_plan(dlq);
  add_replay(dlq);
  add_watch(dlq);
  add_discard(dlq);
}

void add_job_retry(CLI::App& job, const Environment& environment, Invocation& invocation) {
  const Choice choice = std::make_shared<LetterChoice>();
  const Order order = std::make_shared<ReplayOrder>();
  ServiceCommands jobs{job, kDeadLetters, environment, invocation};
  auto& retry = jobs.add(
      "retry", "send the job's dead letters again: shows the plan, asks, and draws a bar",
      [choice, order](ServiceOptions options) { return run_replay(std::move(options), *choice, *order); });
  retry.add_option("job", choice->job, "its id, with or without jobs/ in front")->required();
  add_conditions(retry, *order);
}

}  // namespace bongsu::ctl
