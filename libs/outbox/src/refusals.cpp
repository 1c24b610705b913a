// What Kafka refuses for its own sake. A refusal counts only when the record was alone in its batch: the
// broker refuses whole batches.
#include "leadership.hpp"
#include "metrics.hpp"

#include <bongsu/core/assert.hpp>
#include <bongsu/core/log.hpp>

namespace bongsu::outbox {

using postgres::Params;
using postgres::Xid;

asio::awaitable<void> Leadership::settle_refusals() {
  while (!halted() && window_.open() > suspects_.size() + refused_.size()) co_await progress_.wait();
  std::sort(suspects_.begin(), suspects_.end());
  while (!halted() && !suspects_.empty()) {
    const auto token = suspects_.front();
    suspects_.erase(suspects_.begin());
    co_await publish_alone(token);
  }
  while (!halted() && !refused_.empty()) {
    auto [token, reason] = std::move(refused_.back());
    refused_.pop_back();
    co_await bury(token, std::move(reason));
  }
}

asio::awaitable<void> Leadership::publish_alone(std::uint64_t token) {
  const auto position = window_.position(token);
  const auto rows =
      co_await query("SELECT id, topic, key, headers, value FROM outbox WHERE (xid, sequence) = ($1, $2)",
                     Params::of(position.xid, position.sequence));
  if (!rows || interrupted()) co_return;
  require(rows->size() == 1, "a row that the cursor has not passed is still there");
  Event event{.id = rows->get<Uuid>(0, 0),
              .topic = rows->get<std::string>(0, 1),
              .key = rows->get<std::string>(0, 2),
              .headers = decode_headers(rows->get<std::string_view>(0, 3)).value(),
              .value = rows->get<std::string>(0, 4)};
  while (!interrupted()) {
    alone_ = token;
    // NOLINTNEXTLINE(bugprone-use-after-move): publish() moves from what it accepts only
    const auto accepted = publisher_->publish(std::move(event), token);
    if (accepted) {
      while (alone_ == token && !interrupted()) co_await progress_.wait();
      co_return;
    }
    if (accepted.error().code != ErrorCode::kExhausted) co_return report(token, accepted);
    alone_.reset();
    co_await progress_.wait_for(settings_.retry);
  }
}

asio::awaitable<void> Leadership::bury(std::uint64_t token, std::string reason) {
  const auto position = window_.position(token);
  const auto buried = co_await query(
      "INSERT INTO failed_publication (xid, sequence, id, topic, key, headers, value, reason) "
      "SELECT xid, sequence, id, topic, key, headers, value, $3 FROM outbox WHERE (xid, sequence) = ($1, $2) "
      "ON CONFLICT DO NOTHING",
      Params::of(position.xid, position.sequence, reason));
  if (!buried || interrupted()) co_return;
  log::error("outbox.refused",
             {{"xid", position.xid.value}, {"sequence", position.sequence}, {"why", reason}});
  measured().refused.Increment();
  if (window_.settle(token)) moved_.notify_all();
  care_.notify_all();  // the owner is told
}

asio::awaitable<void> Leadership::tell_owners() {
  const auto rows = co_await query(
      "SELECT xid, sequence, id, topic, key, headers, value, reason FROM failed_publication WHERE told_at IS "
      "NULL "
      "ORDER BY xid, sequence LIMIT 10");
  if (!rows) co_return;
  for (std::size_t i = 0; i < rows->size() && !over(); ++i) {
    const Refused refused{
        .position = {rows->get<Xid>(i, 0), rows->get<std::int64_t>(i, 1)},
        .event = {.id = rows->get<Uuid>(i, 2),
                  .topic = rows->get<std::string>(i, 3),
                  .key = rows->get<std::string>(i, 4),
                  .headers = decode_headers(rows->get<std::string_view>(i, 5)).value_or(Headers{}),
                  .value = rows->get<std::string>(i, 6)},
        .reason = rows->get<std::string>(i, 7)};
    if (const auto told = co_await on_refused_(refused); !told) {
      log::warning("outbox.owner_not_told", {{"id", refused.event.id}, {"why", told.error().message}});
      co_return;
    }
    const auto noted =
        co_await query("UPDATE failed_publication SET told_at = now() WHERE (xid, sequence) = ($1, $2)",
                       Params::of(refused.position.xid, refused.position.sequence));
    if (!noted) co_return;
  }
}

}  // namespace bongsu::outbox
