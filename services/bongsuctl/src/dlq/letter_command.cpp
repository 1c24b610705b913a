#include "dlq/letter_command.hpp"

#include "dlq/letter_report.hpp"
#include "progress_bar.hpp"

#include <iostream>

namespace bongsu::ctl {
namespace {

using namespace std::chrono_literals;
using namespace deadletters::v1;

constexpr int kPageSize = 1000;
/// Counting or discarding millions takes a while.
constexpr std::chrono::milliseconds kLongPatience = 60s;

/// How many OPEN letters a filter matches.
asio::awaitable<Result<std::int64_t>> count_open(ServiceCalls& service, Filter filter) {
  SummarizeDeadLettersRequest request;
  *request.mutable_filter() = std::move(filter);
  if (request.filter().states().empty()) request.mutable_filter()->add_states(DeadLetter::OPEN);
  const auto summary = co_await service.call<SummarizeDeadLettersResponse>(std::move(request), kLongPatience);
  if (!summary) co_return std::unexpected(summary.error());
  co_return summary->total_count();
}

asio::awaitable<Result<void>> ask_to_discard(ServiceCalls& service,
                                             const DiscardDeadLettersRequest& request) {
  if (service.options().yes) co_return Result<void>{};
  std::int64_t count = request.names_size();
  if (count == 0) {
    const auto open = co_await count_open(service, request.filter());
    if (!open) co_return std::unexpected(open.error());
    count = *open;
  }
  std::cerr << grouped(count) << (count == 1 ? " letter" : " letters") << " will never be replayed: \""
            << request.reason() << "\"\n";
  if (!can_ask(service.options())) {
    co_return fail(ErrorCode::kRejected,
                   "nothing was discarded: nobody can be asked here; --yes does not ask");
  }
  if (!agreed("Discard?")) co_return fail(ErrorCode::kRejected, "nothing was discarded");
  co_return Result<void>{};
}

}  // namespace

asio::awaitable<Result<Report>> list_letters(ServiceOptions options, LetterChoice choice, LetterPage page) {
  auto filter = filter_of(choice, SystemClock{}.now());
  if (!filter) co_return std::unexpected(filter.error());
  ServiceCalls service{co_await asio::this_coro::executor, std::move(options)};
  ListDeadLettersRequest request;
  *request.mutable_filter() = std::move(*filter);
  request.set_page_token(page.token);
  std::vector<DeadLetter> all;
  do {
    request.set_page_size(std::min(kPageSize, page.limit - static_cast<int>(all.size())));
    auto answer = co_await service.call<ListDeadLettersResponse>(request);
    if (!answer) co_return std::unexpected(answer.error());
    for (auto& letter : *answer->mutable_dead_letters()) all.push_back(std::move(letter));
    request.set_page_token(answer->next_page_token());
  } while (!request.page_token().empty() && static_cast<int>(all.size()) < page.limit);
  if (!request.page_token().empty())
    std::cerr << "there are more: the same with --page-token " << request.page_token() << '\n';
  co_return report_of(all);
}

asio::awaitable<Result<Report>> show_letter(ServiceOptions options, std::string id, LetterView view) {
  ServiceCalls service{co_await asio::this_coro::executor, std::move(options)};
  GetDeadLetterRequest request;
  request.set_name(letter_name(id));
  request.set_masked(!view.reveal);
  const auto letter = co_await service.call<DeadLetter>(std::move(request));
  if (!letter) co_return std::unexpected(letter.error());
  if (view.reveal && !letter->value().revealed())
    std::cerr << "masked: the token's bearer does not have the role deadletter.reveal\n";
  co_return report_of(*letter, view.bytes);
}

asio::awaitable<Result<Report>> summarize_letters(ServiceOptions options, LetterChoice choice) {
  auto filter = filter_of(choice, SystemClock{}.now());
  if (!filter) co_return std::unexpected(filter.error());
  ServiceCalls service{co_await asio::this_coro::executor, std::move(options)};
  SummarizeDeadLettersRequest request;
  *request.mutable_filter() = std::move(*filter);
  const auto summary = co_await service.call<SummarizeDeadLettersResponse>(std::move(request), kLongPatience);
  if (!summary) co_return std::unexpected(summary.error());
  co_return report_of(*summary);
}

asio::awaitable<Result<Report>> discard_letters(ServiceOptions options, LetterChoice choice,
                                                std::string reason) {
  auto filter = filter_of(choice, SystemClock{}.now());
  if (!filter) co_return std::unexpected(filter.error());
  ServiceCalls service{co_await asio::this_coro::executor, std::move(options)};
  DiscardDeadLettersRequest request;
  for (const auto& id : choice.ids) request.add_names(letter_name(id));
  if (choice.ids.empty()) *request.mutable_filter() = std::move(*filter);
  request.set_reason(std::move(reason));
  if (const auto asked = co_await ask_to_discard(service, request); !asked)
    co_return std::unexpected(asked.error());
  const auto discarded = co_await service.call<DiscardDeadLettersResponse>(std::move(request), kLongPatience);
  if (!discarded) co_return std::unexpected(discarded.error());
  co_return report_of(*discarded);
}

}  // namespace bongsu::ctl
