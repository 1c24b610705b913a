#include "admission.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/core/log.hpp>
#include <bongsu/delivery/next_step.hpp>

namespace bongsu::delivery {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLongestLook{100};
constexpr const char* kProviderDown = "provider_down";
constexpr const char* kCredentialsRefused = "credentials_refused";
constexpr const char* kRateLimitWait = "rate_limit_wait";

std::size_t index_of(Rank rank) { return static_cast<std::size_t>(rank); }

/// What a call that has ended says about the provider. That it answers a record with an error again, which
/// it did an attempt ago, says more about the record; while the breaker is open every probe counts.
resilience::Ended meaning_of(const Result<Receipt>& answer, bool failed_before, bool is_probe) {
  using resilience::Ended;
  if (answer) return Ended::kOk;
  const bool was_answered = !answer.error().detail.empty();
  switch (answer.error().code) {
    case ErrorCode::kUnavailable:
      return was_answered && failed_before && !is_probe ? Ended::kNeutral : Ended::kFailed;
    case ErrorCode::kTimeout:
    case ErrorCode::kCancelled:
      return Ended::kFailed;
    default:
      return Ended::kNeutral;
  }
}

}  // namespace

Admission::Admission(const asio::any_io_executor& executor, Parts parts)
    : executor_(executor), parts_(parts), breaker_(parts.settings.breaker), changed_(executor) {}

void Admission::Permit::ended(const Result<Receipt>& answer, bool failed_before) {
  ended_ = true;
  owner_->note_provider(breaker_, answer, failed_before);
  owner_->note_credentials(is_gate_probe_, answer);
}

Admission::Permit::~Permit() {
  if (owner_ == nullptr) return;
  if (!ended_) ended(fail(ErrorCode::kConflict, "the call was not made"), false);
  --owner_->calls_;
  if (!owner_->nobody_waits()) owner_->pump();
}

std::optional<Admission::Turn> Admission::enter(const Partition& partition, const Candidate& who) {
  if (!is_ours(partition)) return Turn{.verdict = Verdict::kGone, .permit = {}};
  if (waiting_.at(index_of(who.rank)).empty()) {
    if (auto permit = take(who.rank, parts_.clock.monotonic()))
      return Turn{.verdict = Verdict::kCall, .permit = std::move(permit)};
  }
  if (who.leaves_when_open && breaker_.is_open()) return Turn{.verdict = Verdict::kBreakerOpen, .permit = {}};
  return std::nullopt;
}

asio::awaitable<Admission::Turn> Admission::wait(const Partition& partition, Candidate who) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(Turn)>(
      [this](auto handler, const Partition* whose, Candidate candidate, Moment since) {
        waiting_.at(index_of(candidate.rank))
            .push_back({.partition = whose,
                        .who = candidate,
                        .since = since,
                        .resume = [handler = std::move(handler)](Turn turn) mutable {
                          std::move(handler)(std::move(turn));
                        }});
        changed_.notify_all();
      },
      asio::use_awaitable, &partition, who, parts_.clock.monotonic());
}

bool Admission::is_ours(const Partition& partition) const {
  return partition.phase == Phase::kOwned && partition.owner == parts_.lease.owner();
}

bool Admission::may_call(const Partition& partition, const Permit& permit) const {
  return is_ours(partition) && parts_.lease.covers(partition.owner, parts_.channel.timeout()) &&
         parts_.clock.monotonic() < permit.void_at_;
}

bool Admission::nobody_waits() const {
  return std::ranges::all_of(waiting_, [](const auto& queue) { return queue.empty(); });
}

bool Admission::provider_takes_calls(Moment now) const {
  return calls_ < parts_.channel.concurrency() && gate_.lets_through(now) &&
         (!breaker_.is_open() || now >= breaker_.next_probe()) &&
         parts_.lease.covers(parts_.lease.owner(), parts_.channel.timeout());
}

/// One call, if there may be one now.
std::optional<Admission::Permit> Admission::take(Rank rank, Moment now) {
  if (!provider_takes_calls(now) || !pay(rank, now)) return std::nullopt;
  const auto breaker = breaker_.try_pass(now);
  require(breaker.has_value(), "the breaker was asked before");
  const bool is_gate_probe = !gate_.is_open();
  gate_.pass();
  ++calls_;
  return Permit{*this, *breaker, is_gate_probe, purse_.void_at};
}

bool Admission::pay(Rank rank, Moment now) {
  if (parts_.tokens == nullptr) return true;
  if (now < purse_.void_at) {
    const bool from_reserve = rank == Rank::kTransactional && purse_.left.transactional > 0;
    auto& tokens = from_reserve ? purse_.left.transactional : purse_.left.bulk;
    if (tokens > 0) {
      --tokens;
      return true;
    }
  }
  if (!purse_.asking && now >= purse_.not_before) ask_for_tokens(rank, now);
  return false;
}

/// For all who wait, and for the one of `rank` who is about to.
void Admission::ask_for_tokens(Rank rank, Moment now) {
  resilience::TokensWanted wanted{.transactional = static_cast<std::uint32_t>(waiting_.front().size()),
                                  .bulk = 0};
  for (std::size_t i = 1; i < kRanks; ++i) wanted.bulk += static_cast<std::uint32_t>(waiting_.at(i).size());
  auto& own = rank == Rank::kTransactional ? wanted.transactional : wanted.bulk;
  own = std::max(own, 1U);
  const auto room = static_cast<std::uint32_t>(parts_.channel.concurrency() - calls_);
  wanted.transactional = std::min(wanted.transactional, room);
  wanted.bulk = std::min(wanted.bulk, room - wanted.transactional);
  purse_.asking = true;
  purse_.not_before = now;
  spawn(executor_, "delivery.tokens", fetch_tokens(wanted));
}

asio::awaitable<void> Admission::fetch_tokens(resilience::TokensWanted wanted) {
  co_await hand_back_tokens();
  const auto asked_at = parts_.clock.monotonic();
  const auto granted = co_await parts_.tokens->lease(wanted);
  purse_.asking = false;
  if (granted) {
    purse_.granted = *granted;
    purse_.left = {.transactional = granted->transactional, .bulk = granted->bulk};
    purse_.void_at = asked_at + granted->valid_for;
    purse_.not_before = asked_at + granted->ask_again;
  } else {
    // Without the limiter nothing is sent.
    log::warning("delivery.tokens.wait", {{"why", granted.error().message}});
    purse_.not_before = asked_at + 250ms;
  }
  pump();
  changed_.notify_all();
}

/// What was granted and will never be used: others may have it.
asio::awaitable<void> Admission::hand_back_tokens() {
  const auto unused = std::exchange(purse_.left, {});
  if (unused == resilience::TokensWanted{}) co_return;
  const auto done = co_await parts_.tokens->hand_back(purse_.granted, unused);
  if (!done) log::debug("delivery.tokens.lost", {{"why", done.error().message}});
}

/// Lets in who may go, the highest rank first.
void Admission::pump() {
  const auto now = parts_.clock.monotonic();
  for (std::size_t i = 0; i < kRanks; ++i) {
    auto& queue = waiting_.at(i);
    while (!queue.empty() && provider_takes_calls(now)) {
      if (!is_ours(*queue.front().partition)) {
        auto waiter = std::move(queue.front());
        queue.pop_front();
        resume(std::move(waiter), {.verdict = Verdict::kGone, .permit = {}});
        continue;
      }
      auto permit = take(static_cast<Rank>(i), now);
      if (!permit) break;
      auto waiter = std::move(queue.front());
      queue.pop_front();
      resume(std::move(waiter), {.verdict = Verdict::kCall, .permit = std::move(permit)});
    }
  }
}

/// Why one who waits need not wait any longer here.
std::optional<Admission::Verdict> Admission::reason_to_leave(const Waiter& waiter, Moment now) const {
  if (!is_ours(*waiter.partition)) return Verdict::kGone;
  if (step_for(state_of_job(parts_.controls, waiter.who.job))) return Verdict::kLookAgain;
  if (waiter.who.leaves_when_open && breaker_.is_open()) return Verdict::kBreakerOpen;
  if (now - waiter.since >= parts_.settings.rate_limit.wait_limit) return Verdict::kLookAgain;
  return std::nullopt;
}

/// Sends away who need not wait any longer here.
void Admission::expel() {
  const auto now = parts_.clock.monotonic();
  const auto wait_limit = parts_.settings.rate_limit.wait_limit;
  const bool for_tokens = parts_.tokens != nullptr && gate_.is_open() && !breaker_.is_open() &&
                          calls_ < parts_.channel.concurrency();
  bool too_long = false;
  for (auto& queue : waiting_) {
    std::deque<Waiter> stay;
    for (auto& waiter : queue) {
      const auto reason = reason_to_leave(waiter, now);
      too_long = too_long || (reason != Verdict::kGone && now - waiter.since >= wait_limit);
      if (reason) {
        resume(std::move(waiter), {.verdict = *reason, .permit = {}});
      } else {
        stay.push_back(std::move(waiter));
      }
    }
    queue = std::move(stay);
  }
  if (for_tokens && too_long) {
    parts_.alerts.raise({.name = kRateLimitWait,
                         .severity = "warning",
                         .summary = "requests wait longer for the rate limit than they should; see "
                                    "rate-limit in the configuration",
                         .labels = {},
                         .fades_after = 60s});
  }
}

void Admission::resume(Waiter waiter, Turn turn) {
  // Posted: whoever goes on may come back here at once.
  asio::post(executor_, [resume = std::move(waiter.resume), turn = std::move(turn)]() mutable {
    resume(std::move(turn));
  });
}

void Admission::note_provider(resilience::Breaker::Permit permit, const Result<Receipt>& answer,
                              bool failed_before) {
  using Change = resilience::Breaker::Change;
  const auto change =
      breaker_.ended(parts_.clock.monotonic(), permit, meaning_of(answer, failed_before, permit.probe));
  if (change == Change::kOpened) {
    parts_.alerts.raise({.name = kProviderDown,
                         .severity = "critical",
                         .summary =
                             "the provider does not serve: its calls fail; the channel waits and goes on "
                             "by itself; what has died: bongsuctl dlq stats",
                         .labels = {{"code", std::string{name_of(answer.error().code)}}}});
  } else if (change == Change::kClosed) {
    parts_.alerts.clear(kProviderDown);
  }
}

void Admission::note_credentials(bool was_probe, const Result<Receipt>& answer) {
  if (answer) {
    if (gate_.succeeded()) parts_.alerts.clear(kCredentialsRefused);
  } else if (answer.error().code != ErrorCode::kUnauthorized) {
    if (was_probe) gate_.abandoned();
  } else if (gate_.refused(parts_.clock.monotonic(), was_probe)) {
    parts_.alerts.raise({.name = kCredentialsRefused,
                         .severity = "critical",
                         .summary =
                             "the provider refuses our credentials: check user name and password in the "
                             "configuration; the channel waits",
                         .labels = {{"code", answer.error().detail}}});
  }
}

milliseconds Admission::until_next_look() const {
  const auto now = parts_.clock.monotonic();
  auto next = now + kLongestLook;
  if (!purse_.asking && purse_.not_before > now) next = std::min(next, purse_.not_before);
  return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(next - now));
}

asio::awaitable<void> Admission::run() {
  while (!stopping_ || !nobody_waits() || purse_.asking) {
    if (nobody_waits()) {
      co_await changed_.wait();
      continue;
    }
    expel();
    pump();
    co_await sleep_for(until_next_look());
  }
}

void Admission::abandon() { const auto ended = std::exchange(waiting_, {}); }

void Admission::stop() {
  stopping_ = true;
  changed_.notify_all();
}

}  // namespace bongsu::delivery
