#include "dlq/replay_command.hpp"

#include "dlq/replay_report.hpp"
#include "proto_text.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>

namespace bongsu::ctl {
namespace {

using namespace std::chrono_literals;
using namespace deadletters::v1;

constexpr int kPageSize = 1000;
/// Freezing a million letters takes a while.
constexpr std::chrono::milliseconds kPlanPatience = 60s;

asio::awaitable<Result<Replay>> make_plan(ServiceCalls& service, const LetterChoice& choice) {
  auto filter = filter_of(choice, SystemClock{}.now());
  if (!filter) co_return std::unexpected(filter.error());
  CreateReplayRequest request;
  for (const auto& id : choice.ids) request.add_names(letter_name(id));
  if (choice.ids.empty()) *request.mutable_filter() = std::move(*filter);
  co_return co_await service.call<Replay>(std::move(request), kPlanPatience);
}

asio::awaitable<Result<Replay>> get_replay(ServiceCalls& service, std::string name) {
  GetReplayRequest request;
  request.set_name(replay_name(name));
  co_return co_await service.call<Replay>(std::move(request));
}

/// The plan that is named, or one of the letters that are.
asio::awaitable<Result<Replay>> find_or_make_plan(ServiceCalls& service, LetterChoice& choice) {
  if (choice.ids.size() == 1 && !choice.ids.front().starts_with(kLetterPrefix)) {
    auto plan = co_await get_replay(service, choice.ids.front());
    const bool none = !plan && (plan.error().code == ErrorCode::kNotFound ||
                                plan.error().code == ErrorCode::kInvalidArgument);
    if (!none || choice.ids.front().starts_with(kReplayPrefix)) {
      choice.ids.clear();
      co_return plan;
    }
    // A bare id that is no replay's is a letter's.
  }
  co_return co_await make_plan(service, choice);
}

ExecuteReplayRequest execution_of(const Replay& plan, const ReplayOrder& order,
                                  const std::vector<NewRecipient>& repairs) {
  ExecuteReplayRequest request;
  request.set_name(plan.name());
  request.set_digest(order.digest.empty() ? plan.digest() : order.digest);
  request.set_rate_per_second(order.rate);
  if (order.canary > 0) {
    request.mutable_canary()->set_count(order.canary);
    request.mutable_canary()->set_min_success_ratio(order.min_success);
  }
  for (const auto& one : repairs) {
    auto& repair = *request.add_repairs();
    repair.set_name(one.letter);
    repair.set_recipient(one.recipient.reveal());
  }
  return request;
}

std::string conditions_of(const ReplayOrder& order, const std::vector<NewRecipient>& repairs) {
  auto text = fmt::format("at {:g} a second", order.rate);
  if (order.canary > 0) {
    text += fmt::format("; {} first, and the rest only if {:g} % of them are delivered", order.canary,
                        order.min_success * 100);
  }
  for (const auto& one : repairs) text += "\n" + one.letter + " goes to " + one.recipient.masked();
  return text;
}

Result<void> ask_to_send(const ServiceOptions& options, const Replay& plan, const std::string& conditions) {
  std::cerr << plan_of(plan, SystemClock{}.now()) << conditions << '\n';
  if (options.yes) return {};
  if (!can_ask(options)) {
    return fail(ErrorCode::kRejected,
                "nothing was sent: nobody can be asked here; to send it: " + next_command(plan) + " --yes");
  }
  if (!agreed("Send them?")) {
    return fail(ErrorCode::kRejected, "nothing was sent; to send it later: " + next_command(plan));
  }
  return {};
}

asio::awaitable<Result<Report>> watch_with(ServiceCalls& service, std::string name) {
  ProgressBar bar{std::cerr, on_terminal()};
  const bool json = service.options().format == Format::kJson;
  WatchReplayRequest request;
  request.set_name(replay_name(name));
  const auto last = co_await service.watch<Replay>(std::move(request), [&](const Replay& replay) {
    if (json) {
      std::cout << json_of(replay) << std::endl;
    } else {
      bar.show(step_of(replay));
    }
  });
  if (!last) co_return std::unexpected(last.error());
  if (!json) bar.end(step_of(*last));
  auto report = report_of(*last);
  report.fine = went_well(*last);
  co_return report;
}

}  // namespace

Result<std::vector<NewRecipient>> repairs_of(const std::vector<std::string>& recipients,
                                             const std::vector<std::string>& letters) {
  std::vector<NewRecipient> repairs;
  repairs.reserve(recipients.size());
  for (const auto& text : recipients) {
    const auto equals = text.find('=');
    const auto before = equals == std::string::npos ? std::string{} : letter_name(text.substr(0, equals));
    const auto is_named = [&](const auto& letter) { return letter_name(letter) == before; };
    const bool names_one =
        letters.empty() ? equals != std::string::npos : std::any_of(letters.begin(), letters.end(), is_named);
    if (names_one) {
      repairs.push_back({before, Recipient{text.substr(equals + 1)}});
    } else if (letters.size() == 1) {
      // An address may hold an equals sign itself.
      repairs.push_back({letter_name(letters.front()), Recipient{text}});
    } else {
      return fail(ErrorCode::kInvalidArgument,
                  "--recipient: say which letter goes there, as LETTER=ADDRESS, of those that are named");
    }
  }
  return repairs;
}

asio::awaitable<Result<Report>> plan_replay(ServiceOptions options, LetterChoice choice) {
  ServiceCalls service{co_await asio::this_coro::executor, std::move(options)};
  const auto plan = co_await make_plan(service, choice);
  if (!plan) co_return std::unexpected(plan.error());
  auto report = report_of(*plan);
  report.text = plan_of(*plan, SystemClock{}.now()) + "next    " + next_command(*plan) + "\n";
  co_return report;
}

asio::awaitable<Result<Report>> run_replay(ServiceOptions options, LetterChoice choice, ReplayOrder order) {
  ServiceCalls service{co_await asio::this_coro::executor, std::move(options)};
  const auto plan = co_await find_or_make_plan(service, choice);
  if (!plan) co_return std::unexpected(plan.error());
  const auto repairs = repairs_of(order.recipients, choice.ids);
  if (!repairs) co_return std::unexpected(repairs.error());
  const auto asked = ask_to_send(service.options(), *plan, conditions_of(order, *repairs));
  if (!asked) co_return std::unexpected(asked.error());
  auto running = co_await service.call<Replay>(execution_of(*plan, order, *repairs));
  if (!running) {
    auto error = running.error();
    // The answer may be lost; executing again starts nothing twice.
    if (error.sent == Sent::kMaybe)
      error.message += "\nwhether it has started: bongsuctl dlq watch " + plan->name();
    co_return std::unexpected(std::move(error));
  }
  if (order.watch) co_return co_await watch_with(service, plan->name());
  co_return report_of(*running);
}

asio::awaitable<Result<Report>> watch_replay(ServiceOptions options, std::string name) {
  ServiceCalls service{co_await asio::this_coro::executor, std::move(options)};
  co_return co_await watch_with(service, std::move(name));
}

asio::awaitable<Result<Report>> cancel_replay(ServiceOptions options, std::string name) {
  ServiceCalls service{co_await asio::this_coro::executor, std::move(options)};
  CancelReplayRequest request;
  request.set_name(replay_name(name));
  const auto replay = co_await service.call<Replay>(std::move(request));
  if (!replay) co_return std::unexpected(replay.error());
  co_return report_of(*replay);
}

asio::awaitable<Result<Report>> list_replays(ServiceOptions options, std::vector<std::string> states,
                                             int limit) {
  ServiceCalls service{co_await asio::this_coro::executor, std::move(options)};
  ListReplaysRequest request;
  for (const auto& name : states) {
    Replay::State state{};
    if (!Replay::State_Parse(name, &state))
      co_return fail(ErrorCode::kInvalidArgument, name + " is no state of a replay");
    request.add_states(state);
  }
  std::vector<Replay> all;
  do {
    request.set_page_size(std::min(kPageSize, limit - static_cast<int>(all.size())));
    auto page = co_await service.call<ListReplaysResponse>(request);
    if (!page) co_return std::unexpected(page.error());
    for (auto& replay : *page->mutable_replays()) all.push_back(std::move(replay));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty() && static_cast<int>(all.size()) < limit);
  co_return report_of(all);
}

}  // namespace bongsu::ctl
