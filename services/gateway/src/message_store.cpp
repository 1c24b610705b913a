#include "message_store.hpp"

#include "known_keys.hpp"
#include "statement_timeout.hpp"

#include <bongsu/outbox/columns.hpp>

#include <unordered_set>

namespace bongsu::gateway {
namespace {

// A message is new when its clientMessageId is. Its Idempotency-Key, where it has one, must be new
// then as well: the plain INSERT fails with all the others if it is not, and the batch is halved.
const std::string& insert_sql() {
  static const std::string sql =
      "WITH fresh AS ("
      "  INSERT INTO idempotency_key (key, body, id)"
      "  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) ON CONFLICT (key) DO NOTHING RETURNING id),"
      " also AS ("
      "  INSERT INTO idempotency_key (key, body, id)"
      "  SELECT own.* FROM unnest($4::uuid[], $5::uuid[], $6::uuid[]) AS own(key, body, id) JOIN fresh USING "
      "(id)),"
      " kept AS ("
      "  INSERT INTO message (id, notification_id, channel, caller)"
      "  SELECT own.* FROM unnest($3::uuid[], $7::uuid[], $8::smallint[], $9::text[])"
      "    AS own(id, notification_id, channel, caller) JOIN fresh USING (id)),"
      " written AS (" +
      outbox::insert_sql("fresh", 10) + ") SELECT id FROM fresh";
  return sql;
}

struct MessageColumns {
  std::vector<Uuid> keys, bodies, ids, more_keys, more_bodies, more_ids, notification_ids;
  std::vector<std::int16_t> channels;
  std::vector<std::string> callers;
  outbox::Columns events;

  void add(const NewMessage& message) {
    keys.push_back(message.identities.at(0));
    bodies.push_back(message.body);
    ids.push_back(message.id);
    if (message.identities.size() > 1) {
      more_keys.push_back(message.identities[1]);
      more_bodies.push_back(message.body);
      more_ids.push_back(message.id);
    }
    notification_ids.push_back(message.notification_id);
    channels.push_back(static_cast<std::int16_t>(events::to_proto(message.channel)));
    callers.push_back(message.caller);
    events.add(message.id, message.event);
  }

  postgres::Params params() const {
    postgres::Params params;
    params.add(keys).add(bodies).add(ids).add(more_keys).add(more_bodies).add(more_ids);
    params.add(notification_ids).add(channels).add(callers);
    events.append_to(params);
    return params;
  }
};

}  // namespace

asio::awaitable<Result<std::vector<bool>>> MessageStore::insert(Items items, Deadline deadline) {
  const auto timeout = statement_timeout(deadline);
  if (!timeout) co_return std::unexpected(timeout.error());
  MessageColumns columns;
  for (const auto* item : items) columns.add(*item);
  const auto rows = co_await pool_.query(insert_sql(), columns.params(), *timeout);
  if (!rows) co_return std::unexpected(rows.error());
  std::unordered_set<Uuid> fresh;
  fresh.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row) fresh.insert(rows->get<Uuid>(row, 0));
  std::vector<bool> inserted;
  inserted.reserve(items.size());
  for (const auto* item : items) inserted.push_back(fresh.contains(item->id));
  co_return inserted;
}

asio::awaitable<Result<std::vector<std::optional<Verdict>>>> MessageStore::look_up(Items items,
                                                                                   Deadline deadline) {
  const auto timeout = statement_timeout(deadline);
  if (!timeout) co_return std::unexpected(timeout.error());
  std::vector<Uuid> keys;
  for (const auto* item : items) keys.insert(keys.end(), item->identities.begin(), item->identities.end());
  const auto known = co_await find_keys(pool_, std::move(keys), *timeout);
  if (!known) co_return std::unexpected(known.error());
  std::vector<std::optional<Verdict>> verdicts;
  for (const auto* item : items) verdicts.push_back(judge(*known, item->identities, item->body, item->id));
  co_return verdicts;
}

}  // namespace bongsu::gateway
