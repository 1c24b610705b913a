#include "deliverer.hpp"

#include "endings.hpp"
#include "metrics.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/reasons.hpp>

namespace bongsu::delivery {

using namespace std::chrono_literals;
namespace reason = events::reason;

Deliverer::Deliverer(const asio::any_io_executor& executor, Parts parts)
    : executor_(executor), parts_(parts), in_flight_(executor) {}

/// No coroutine itself: what only reading needs is gone when the record waits for its turn.
asio::awaitable<bool> Deliverer::deliver(Partition& partition, kafka::Message message) {
  auto read = parts_.intake.read(partition.lane, std::move(message));
  if (read) return deliver_request(partition, std::move(*read), std::nullopt);
  auto& unusable = read.error();
  if (unusable.request)
    return deliver_request(partition, std::move(*unusable.request), std::move(unusable.flaw));
  // NOLINTNEXTLINE(bugprone-use-after-move): left alone where no request was made of it
  return bury_as_it_came(partition, std::move(message), std::move(unusable.flaw));
}

asio::awaitable<bool> Deliverer::bury_as_it_came(Partition& partition, kafka::Message message, Flaw flaw) {
  metrics::undecodable();
  log::warning("delivery.undecodable", {{"topic", partition.where.topic},
                                        {"partition", partition.where.partition},
                                        {"offset", message.offset},
                                        {"why", flaw.message}});
  std::vector<kafka::Record> letter;
  letter.push_back(parts_.follow_up.dead_letter_as_it_came(message, flaw));
  co_return co_await publish_all(partition, std::move(letter));
}

asio::awaitable<bool> Deliverer::deliver_request(Partition& partition, Request request,
                                                 std::optional<Flaw> flaw) {
  auto turn = in_flight_.enter(request.notification.id);
  while (!turn) {
    co_await in_flight_.until_left(request.notification.id);
    turn = in_flight_.enter(request.notification.id);
  }
  if (const auto why = outside_window(request)) {
    co_return co_await publish_all(partition, letter_without_row(request, *why));
  }
  const auto looked = co_await look_up(partition, request);
  if (!looked) co_return false;
  if (looked->verdict == Verdict::kDone) co_return true;
  if (looked->verdict == Verdict::kRepeat) {
    co_return co_await publish_all(partition, parts_.follow_up.of(request, *looked->row));
  }
  const bool of_a_job = !flaw && !request.event.job_id().empty();
  if (of_a_job && !co_await controls_are_known(partition)) co_return false;
  auto row = end_without_call(request, *looked, flaw);
  if (!row && looked->unknown) {
    if (const auto settled = co_await mark_maybe(partition, request, *looked)) co_return *settled;
  }
  if (!row) {
    const auto attempted =
        co_await parts_.sender.attempt(partition, request, begin_row(request, *looked).maybe,
                                       [&] { return claim(partition, request.origin.offset); });
    if (!attempted) co_return false;
    row = end_of_attempt(begin_row(request, *looked), *attempted);
  }
  co_return co_await conclude(partition, request, std::move(*row));
}

/// Its id lies where the ledger has no room for it: no row, the letter alone.
std::vector<kafka::Record> Deliverer::letter_without_row(const Request& request, std::string_view why) const {
  return parts_.follow_up.of(
      request, dead(begin_row(request, {}), why, "the id's time lies outside of what may be sent"));
}

/// The id's time: not older than the ledger remembers, not further ahead than clocks differ.
std::optional<std::string_view> Deliverer::outside_window(const Request& request) const {
  const auto time = request.notification.id.time();
  if (request.notification.id.version() != 7 && request.notification.id.version() != 8)
    return reason::kInvalidRequest;
  if (time < parts_.clock.now() - parts_.settings.ledger_retention + std::chrono::days{1})
    return reason::kExpired;
  if (time > request.written_at + 5min) return reason::kInvalidRequest;
  return std::nullopt;
}

asio::awaitable<std::optional<Deliverer::Looked>> Deliverer::look_up(Partition& partition,
                                                                     const Request& request) {
  bool again = false;
  for (;;) {
    if (!partition.holds()) co_return std::nullopt;
    auto row = co_await parts_.ledger.look_up(request.notification.id);
    if (!row) {
      if (!co_await pause(partition, "look-up", row.error())) co_return std::nullopt;
      continue;
    }
    Looked looked{.verdict = judge(request.progress, *row), .row = std::move(*row)};
    if (looked.verdict != Verdict::kGoOn || request.origin.offset >= partition.inherited) co_return looked;
    looked.unknown = true;
    if (again) co_return looked;
    // A former owner may have sent it. Its last writes are given time to arrive, then a second look.
    const auto settled = partition.taken_at + parts_.settings.grace;
    while (partition.phase == Phase::kOwned && parts_.clock.monotonic() < settled) {
      co_await partition.changed.wait_for(settled - parts_.clock.monotonic());
    }
    if (partition.phase != Phase::kOwned) co_return std::nullopt;
    again = true;
  }
}

Row Deliverer::begin_row(const Request& request, const Looked& looked) const {
  Row row;
  row.id = request.notification.id;
  row.generation = request.progress.generation;
  row.attempt = request.progress.attempt;
  row.round = request.progress.round;
  row.ended_at = parts_.clock.now();
  row.first_failed_at = request.progress.first_failed_at;
  row.maybe = looked.unknown;
  if (looked.row && looked.row->generation == row.generation) {
    row.total_tries = looked.row->total_tries;
    row.maybe = row.maybe || looked.row->maybe;
  }
  return row;
}

/// Its end, if it is certain before anybody is called; nothing: it is to be sent.
std::optional<Row> Deliverer::end_without_call(const Request& request, const Looked& looked,
                                               const std::optional<Flaw>& flaw) const {
  auto row = begin_row(request, looked);
  if (flaw) return dead(std::move(row), flaw->reason, flaw->message);
  if (const auto valid = parts_.channel.validate(request.notification); !valid) {
    return dead(std::move(row), reason_of(valid.error().code), valid.error().message);
  }
  if (looked.unknown && parts_.settings.unknown == UnknownPolicy::kBury)
    return buried_unknown(std::move(row));
  if (const auto step = step_for(state_of_job(parts_.controls, request.event.job_id()))) {
    return called_off(std::move(row), *step);
  }
  if (request.expires_at && *request.expires_at <= parts_.clock.now()) return expired(std::move(row));
  return std::nullopt;
}

/// Waits, at the start of a process, until all that was said of jobs before it is known. False: the
/// partition went away meanwhile.
asio::awaitable<bool> Deliverer::controls_are_known(Partition& partition) {
  while (!parts_.controls.ready()) {
    if (partition.phase != Phase::kOwned) co_return false;
    co_await partition.changed.wait_for(100ms);
  }
  co_return true;
}

/// Before an unknown is sent again its row says so: whatever ends it now, or crashes, it stays marked. Its
/// former owner may have told at this very moment that it was delivered: then the record is settled by that,
/// or false when the partition went away. Nothing: it is to be sent.
asio::awaitable<std::optional<bool>> Deliverer::mark_maybe(Partition& partition, const Request& request,
                                                           const Looked& looked) {
  auto mark = begin_row(request, looked);
  mark.outcome = Outcome::kOpen;
  mark.maybe = true;
  for (;;) {
    if (!partition.holds()) co_return false;
    const auto stays = co_await parts_.ledger.record(partition.hold, mark);
    if (stays && !*stays) {
      on_fenced(partition);
      co_return false;
    }
    if (stays) {
      const auto verdict = judge(request.progress, *stays);
      if (verdict == Verdict::kDone) co_return true;
      if (verdict == Verdict::kGoOn) co_return std::nullopt;
      co_return co_await publish_all(partition, parts_.follow_up.of(request, **stays));
    }
    if (!co_await pause(partition, "mark", stays.error())) co_return false;
  }
}

/// How many records behind the one that is about to be sent are claimed with it, so that their calls need
/// not wait for PostgreSQL: while one half is called, the next is claimed. None where a claim costs more than
/// a mark: what waits for a token, and what would be buried after a crash.
std::int64_t Deliverer::ahead() const {
  const auto& settings = parts_.settings;
  if (settings.rate_limit.is_limited() || settings.unknown == UnknownPolicy::kBury) return 0;
  return 2 * static_cast<std::int64_t>(parts_.channel.concurrency());
}

/// Nothing: it is claimed.
std::optional<asio::awaitable<bool>> Deliverer::claim(Partition& partition, std::int64_t offset) {
  const auto to = std::min(offset + 1 + ahead(), std::max(offset + 1, partition.watermark.read_to()));
  if (offset >= partition.claimed_to) return claim_up_to(partition, to);
  if (partition.claimed_to - offset <= ahead() / 2 && partition.claimed_to < to &&
      !partition.claiming_ahead && partition.phase == Phase::kOwned) {
    partition.claiming_ahead = true;
    ++partition.open;
    spawn(executor_, "delivery.claim_ahead", claim_ahead(partition.shared_from_this(), to));
  }
  return std::nullopt;
}

asio::awaitable<void> Deliverer::claim_ahead(std::shared_ptr<Partition> partition, std::int64_t to) {
  co_await claim_up_to(*partition, to);
  partition->claiming_ahead = false;
  --partition->open;
  partition->changed.notify_all();
}

asio::awaitable<bool> Deliverer::claim_up_to(Partition& partition, std::int64_t to) {
  for (;;) {
    if (partition.phase != Phase::kOwned) co_return false;
    const auto claimed = co_await parts_.ledger.claim(partition.hold, to);
    if (claimed && *claimed) {
      partition.claimed_to = std::max(partition.claimed_to, to);
      co_return true;
    }
    if (claimed) {
      on_fenced(partition);
      co_return false;
    }
    if (!co_await pause(partition, "claim", claimed.error())) co_return false;
  }
}

asio::awaitable<bool> Deliverer::conclude(Partition& partition, const Request& request, Row row) {
  row.ended_at = parts_.clock.now();
  std::optional<Row> stays;
  while (!stays) {
    auto recorded = co_await parts_.ledger.record(partition.hold, row);
    if (!recorded) {
      // What was delivered is told for as long as it takes, whoever has the partition by now.
      const bool told = co_await pause(partition, "record", recorded.error());
      if (!told && row.outcome != Outcome::kDelivered) co_return false;
      continue;
    }
    if (!*recorded) {
      on_fenced(partition);
      co_return false;
    }
    stays = std::move(*recorded);
  }
  metrics::attempt_ended(*stays);
  log::debug("delivery.ended", {{"id", stays->id},
                                {"generation", stays->generation},
                                {"attempt", stays->attempt},
                                {"reason", stays->reason}});
  if (judge(request.progress, stays) != Verdict::kRepeat) co_return true;
  if (stays->outcome == Outcome::kFellBack) note_fallback(request);
  // Late, it contradicts what the present owner has told meanwhile, and nobody else will publish it.
  const bool whoever_holds = row.outcome == Outcome::kDelivered;
  co_return co_await publish_all(partition, parts_.follow_up.of(request, *stays), whoever_holds);
}

void Deliverer::note_fallback(const Request& request) {
  const std::string other{events::name_of(request.fallback.value())};
  parts_.alerts.raise(
      {.name = "falling_back",
       .severity = "warning",
       .summary = "requests go to " + other + ", because this channel's provider does not serve",
       .labels = {{"to", other}},
       .fades_after = 60s});
}

asio::awaitable<bool> Deliverer::publish_all(Partition& partition, std::vector<kafka::Record> records,
                                             bool whoever_holds) {
  for (auto& record : records) {
    for (;;) {
      if (!partition.holds() && !whoever_holds) co_return false;
      const auto published = co_await parts_.log.publish(record);
      if (published) break;
      const auto code = published.error().code;
      if (code == ErrorCode::kTooLarge || code == ErrorCode::kInvalidArgument) {
        if (!co_await keep_refused(partition, record, published.error())) co_return false;
        break;
      }
      const bool held = co_await pause(partition, "publish", published.error());
      if (!held && !whoever_holds) co_return false;
    }
  }
  co_return true;
}

asio::awaitable<bool> Deliverer::keep_refused(Partition& partition, const kafka::Record& record,
                                              const Error& why) {
  metrics::follow_up_refused();
  log::error("delivery.follow_up.refused", {{"topic", record.topic}, {"code", why.detail}});
  parts_.alerts.raise({.name = "follow_up_refused",
                       .severity = "critical",
                       .summary = "Kafka refuses a record for its own sake: see table refused_follow_up; "
                                  "compare the topic's max.message.bytes",
                       .labels = {{"topic", record.topic}, {"code", why.detail}},
                       .fades_after = 10min});
  for (;;) {
    if (!partition.holds()) co_return false;
    const auto kept = co_await parts_.ledger.keep_refused(record, why);
    if (kept) co_return true;
    if (!co_await pause(partition, "keep refused", kept.error())) co_return false;
  }
}

/// After something did not answer: a moment, then again. False: the partition is gone.
asio::awaitable<bool> Deliverer::pause(Partition& partition, std::string_view what, const Error& why) {
  log::debug("delivery.waits", {{"for", what}, {"code", why.code}, {"why", why.message}});
  if (partition.holds()) {
    co_await partition.changed.wait_for(200ms);
  } else {
    co_await sleep_for(200ms);
  }
  co_return partition.holds();
}

}  // namespace bongsu::delivery
