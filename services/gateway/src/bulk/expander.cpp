#include "bulk/expander.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/core/metrics.hpp>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookEvery = 1s;
constexpr auto kPause = 250ms;

metrics::Counter& members_expanded() {
  static auto& counter =
      metrics::counter("gateway_bulk_requests_total", "Requests of bulk jobs that were put on their topic");
  return counter;
}

metrics::Counter& pages_settled() {
  static auto& counter = metrics::counter("gateway_bulk_pages_total",
                                          "Pages of bulk jobs whose requests are all on their topic");
  return counter;
}

}  // namespace

/// Records on their way, and whether one of them failed.
struct Expander::Delivery {
  explicit Delivery(const asio::any_io_executor& executor) : reported(executor) {}
  std::size_t open = 0;
  std::optional<Error> failed;
  Signal reported;
};

Expander::Expander(asio::any_io_executor executor, JobStore& jobs, const RequestMaker& requests,
                   const Clock& clock, OpenProducer open_producer, ExpanderSettings settings)
    : executor_(executor),
      jobs_(jobs),
      requests_(requests),
      clock_(clock),
      open_producer_(std::move(open_producer)),
      settings_(settings),
      work_(executor),
      ended_(executor) {}

asio::awaitable<void> Expander::run() {
  for (std::size_t i = 0; i < settings_.parallel; ++i) {
    ++workers_;
    spawn(executor_, "expander", work());
  }
  while (workers_ > 0) co_await ended_.wait();
  producer_.reset();
}

asio::awaitable<void> Expander::stop(std::chrono::milliseconds drain) {
  stopping_ = true;
  wake();
  const auto until = std::chrono::steady_clock::now() + drain;
  while (workers_ > 0) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= 0s || !co_await ended_.wait_for(left)) break;
  }
  out_of_time_ = true;
  if (workers_ > 0 && producer_) producer_->purge();
  wake();
  while (workers_ > 0) co_await ended_.wait();
}

asio::awaitable<void> Expander::work() {
  while (!stopping_) {
    const auto before = frozen_;
    const bool done = co_await step();
    // Another worker had the job's row in the meantime, and has let it go.
    const bool missed = frozen_ != before;
    if (!done && !missed && !stopping_) co_await work_.wait_for(kLookEvery);
  }
  --workers_;
  ended_.notify_all();
}

/// One piece of work; false when there was none.
asio::awaitable<bool> Expander::step() {
  if (co_await count_one()) co_return true;
  auto slice = co_await jobs_.take_over(settings_.pages_at_once);
  if (slice && !*slice) slice = co_await freeze();
  if (!slice) {
    co_await pause("expander.waits", slice.error());
    co_return true;
  }
  if (!*slice) co_return false;
  co_await publish(std::move(**slice));
  co_return true;
}

/// While one freezes pages of a job, its row is locked, and to the others there is no work.
asio::awaitable<Result<std::optional<Slice>>> Expander::freeze() {
  auto slice = co_await jobs_.freeze(settings_.pages_at_once, clock_.now());
  if (slice && *slice) {
    ++frozen_;
    wake();
  }
  co_return slice;
}

/// Tells jobs how many there are, where jobs asked for it. Twice does no harm.
asio::awaitable<bool> Expander::count_one() {
  const auto job = co_await jobs_.find_uncounted();
  if (!job) {
    co_await pause("expander.waits", job.error());
    co_return true;
  }
  if (!*job) co_return false;
  const auto& request = **job;
  const auto census =
      co_await jobs_.count(request.age_group, needs_of(request.channel, request.purpose, clock_.now()),
                           date_in_seoul(request.as_of), request.as_of);
  if (!census) {
    co_await pause("expander.not_counted", census.error());
    co_return true;
  }
  auto delivery = std::make_shared<Delivery>(executor_);
  if (!co_await send(requests_.counted(request.job, *census), delivery)) co_return true;
  if (!co_await all_reported(delivery)) co_return true;
  const auto marked = co_await jobs_.mark_counted(request.job);
  if (!marked) co_await pause("expander.waits", marked.error());
  log::info("expander.counted", {{"job", request.job.str()}, {"members", census->total}});
  co_return true;
}

asio::awaitable<void> Expander::publish(Slice slice) {
  const auto message = requests_.open(slice.job);
  if (!message && !slice.parts.front().page.members.empty()) {
    // Our own keys are missing: nothing of this job can be sent until an operator gives them back.
    co_await pause("expander.not_opened", message.error());
    co_return;
  }
  while (!out_of_time_ && !co_await produce_all(slice, message.value_or(BulkMessage{}))) {
  }
  while (!out_of_time_ && !co_await tell_jobs(slice)) {
  }
  while (!out_of_time_ && !co_await settle(slice)) {
  }
}

asio::awaitable<bool> Expander::produce_all(const Slice& slice, const BulkMessage& message) {
  auto delivery = std::make_shared<Delivery>(executor_);
  std::size_t count = 0;
  for (const auto& part : slice.parts) {
    for (const auto& member : part.members) {
      auto record = requests_.request(slice.job, message, part.page.number, member);
      if (!record) {
        co_await pause("expander.member_not_opened", record.error());
        co_return false;
      }
      if (!co_await send(std::move(*record), delivery)) co_return false;
      ++count;
    }
  }
  if (!co_await all_reported(delivery)) co_return false;
  members_expanded().Increment(static_cast<double>(count));
  co_return true;
}

asio::awaitable<bool> Expander::tell_jobs(const Slice& slice) {
  auto delivery = std::make_shared<Delivery>(executor_);
  for (const auto& part : slice.parts) {
    if (!co_await send(requests_.planned(slice.job.job, part.page), delivery)) co_return false;
  }
  co_return co_await all_reported(delivery);
}

asio::awaitable<bool> Expander::settle(const Slice& slice) {
  std::vector<std::int32_t> pages;
  pages.reserve(slice.parts.size());
  for (const auto& part : slice.parts) pages.push_back(static_cast<std::int32_t>(part.page.number));
  const auto settled = co_await jobs_.settle(slice.job.job, std::move(pages));
  if (!settled) {
    co_await pause("expander.waits", settled.error());
    co_return false;
  }
  pages_settled().Increment(static_cast<double>(slice.parts.size()));
  co_return true;
}

/// Hands a record over, waiting for room; false when that is in vain for now, and the slice begins again.
asio::awaitable<bool> Expander::send(kafka::Record record, std::shared_ptr<Delivery> delivery) {
  while (!out_of_time_ && !delivery->failed) {
    const auto current = producer();
    if (!current) {
      co_await sleep_for(kPause);
      continue;
    }
    // produce() moves from the record only if it accepts it.
    // NOLINTNEXTLINE(bugprone-use-after-move)
    const auto accepted = current->produce(std::move(record), [delivery](Result<kafka::Position> report) {
      if (!report) delivery->failed = report.error();
      if (--delivery->open == 0 || !report) delivery->reported.notify_all();
    });
    if (accepted) {
      ++delivery->open;
      co_return true;
    }
    if (accepted.error().code != ErrorCode::kExhausted) {
      co_await pause("expander.not_produced", accepted.error());
      co_return false;
    }
    co_await current->room();
  }
  co_return false;
}

asio::awaitable<bool> Expander::all_reported(std::shared_ptr<Delivery> delivery) {
  while (delivery->open > 0 && !delivery->failed) co_await delivery->reported.wait();
  if (!delivery->failed) co_return true;
  co_await pause("expander.not_delivered", *delivery->failed);
  co_return false;
}

asio::awaitable<void> Expander::pause(std::string_view what, const Error& why) {
  log::warning(what, {{"code", why.code}, {"why", why.message}});
  co_await sleep_for(kPause);
}

/// Null: it could not be opened, which is logged.
std::shared_ptr<kafka::Producer> Expander::producer() {
  if (producer_ && !producer_->fatal()) return producer_;
  auto opened = open_producer_();
  if (!opened) {
    log::error("expander.no_producer", {{"why", opened.error().message}});
    return nullptr;
  }
  producer_ = std::make_shared<kafka::Producer>(std::move(*opened));
  return producer_;
}

}  // namespace bongsu::gateway
