// What goes on beside publishing: the cursor is written, leaves are emptied, owners told, the lag measured.
#include "leadership.hpp"
#include "metrics.hpp"

#include <bongsu/core/log.hpp>

namespace bongsu::outbox {
namespace {

using postgres::Params;

// The cursor is written at most that often; what was published since is published again after a crash.
constexpr std::chrono::milliseconds kCursorPause{20};

}  // namespace

asio::awaitable<void> Leadership::keep_cursor() {
  std::uint64_t counted = 0;
  while (!lost_) {
    const auto cursor = window_.cursor();
    if (cursor == written_) {
      if (finished_) co_return;
      co_await moved_.wait();
      continue;
    }
    const auto updated =
        co_await query("UPDATE outbox_cursor SET xid = $1, sequence = $2 WHERE (xid, sequence) < ($1, $2)",
                       Params::of(cursor.xid, cursor.sequence));
    if (!updated) co_return;
    written_ = std::max(written_, cursor);
    measured().published.Increment(static_cast<double>(window_.passed() - counted));
    counted = window_.passed();
    if (!finished_) co_await sleep_for(kCursorPause);
  }
}

asio::awaitable<void> Leadership::take_care() {
  while (!over()) {
    co_await tell_owners();
    if (!over()) co_await empty_leaves();
    if (!over()) co_await measure();
    if (!over()) co_await care_.wait_for(settings_.housekeeping);
  }
}

asio::awaitable<void> Leadership::empty_leaves() {
  const auto filled = co_await query(
      "SELECT slot FROM generate_series(0, 7) AS slot "
      "WHERE pg_relation_size(('outbox_leaf_' || slot)::regclass) > 0");
  for (std::size_t i = 0; filled && i < filled->size() && !over(); ++i) {
    const auto slot = filled->get<std::int32_t>(i, 0);
    const auto emptied = co_await session_.query("SELECT outbox_empty_leaf($1)", Params::of(slot));
    if (emptied && emptied->get<bool>(0, 0)) {
      log::info("outbox.leaf_emptied", {{"slot", slot}});
      measured().leaves_emptied.Increment();
    }
    // Somebody works with it (or dumps it): next time.
    if (!emptied && emptied.error().code != ErrorCode::kConflict) co_return lose(emptied.error());
  }
}

asio::awaitable<void> Leadership::measure() {
  const auto cursor = window_.cursor();
  const auto rows = co_await query(
      "SELECT extract(epoch FROM outbox_oldest_open_transaction())::float8, "
      "extract(epoch FROM clock_timestamp() - first.created_at)::float8, "
      "pg_sequence_last_value('outbox_sequence') - first.sequence + 1 "
      "FROM (SELECT) AS always LEFT JOIN LATERAL (SELECT created_at, sequence FROM outbox "
      "WHERE (xid, sequence) > ($1, $2) ORDER BY xid, sequence LIMIT 1) AS first ON true",
      Params::of(cursor.xid, cursor.sequence));
  if (!rows) co_return;
  measured().open_transaction_seconds.Set(rows->get<double>(0, 0));
  measured().waiting_seconds.Set(rows->get<std::optional<double>>(0, 1).value_or(0));
  measured().waiting_rows.Set(static_cast<double>(rows->get<std::optional<std::int64_t>>(0, 2).value_or(0)));
}

}  // namespace bongsu::outbox
