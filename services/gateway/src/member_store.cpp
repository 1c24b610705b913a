#include "member_store.hpp"

#include "known_keys.hpp"
#include "statement_timeout.hpp"

#include <bongsu/outbox/columns.hpp>

#include <unordered_set>

namespace bongsu::gateway {
namespace {

// A signup is new when its address is. Its Idempotency-Key must be new then as well: the plain INSERT
// fails with all the others if it is not, and the batch is halved.
const std::string& insert_sql() {
  static const std::string sql =
      "WITH fresh AS ("
      "  INSERT INTO member (user_id, email_hash, sealed, birth_date, consent_marketing, consent_night, "
      "locale,"
      "                      signed_up_at, has_phone, xid)"
      "  SELECT own.id::text, own.email_hash, own.sealed, own.birth_date, own.marketing, own.night, "
      "own.locale,"
      "         own.signed_up_at, own.has_phone, pg_current_xact_id()"
      "  FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::date[], $5::boolean[], $6::boolean[], "
      "$7::text[],"
      "              $8::timestamptz[], $9::boolean[])"
      "    AS own(id, email_hash, sealed, birth_date, marketing, night, locale, signed_up_at, has_phone)"
      "  ON CONFLICT DO NOTHING RETURNING user_id::uuid AS id),"
      " keyed AS ("
      "  INSERT INTO idempotency_key (key, body, id)"
      "  SELECT own.* FROM unnest($10::uuid[], $11::uuid[], $12::uuid[]) AS own(key, body, id) JOIN fresh "
      "USING (id)),"
      " written AS (" +
      outbox::insert_sql("fresh", 13) + ") SELECT id FROM fresh";
  return sql;
}

struct MemberColumns {
  std::vector<Uuid> ids, email_hashes, keys, bodies, key_ids;
  std::vector<postgres::Bytes> sealed;
  std::vector<std::optional<std::chrono::year_month_day>> birth_dates;
  std::vector<std::optional<bool>> marketing, night, has_phone;
  std::vector<std::string> locales;
  std::vector<Timestamp> signed_up_at;
  outbox::Columns events;

  void add(const NewMember& item) {
    ids.push_back(item.id);
    email_hashes.push_back(item.identities.at(0));
    sealed.push_back({item.sealed});
    birth_dates.push_back(item.member.birth_date);
    marketing.emplace_back(item.member.consent_marketing);
    night.emplace_back(item.member.consent_night);
    has_phone.emplace_back(!item.member.phone.empty());
    locales.push_back(item.locale);
    signed_up_at.push_back(item.signed_up_at);
    if (item.identities.size() > 1) {
      keys.push_back(item.identities[1]);
      bodies.push_back(item.body);
      key_ids.push_back(item.id);
    }
    events.add(item.id, item.event);
  }

  postgres::Params params() const {
    postgres::Params params;
    params.add(ids).add(email_hashes).add(sealed).add(birth_dates).add(marketing).add(night).add(locales);
    params.add(signed_up_at).add(has_phone).add(keys).add(bodies).add(key_ids);
    events.append_to(params);
    return params;
  }
};

/// Who has which address: fingerprint → user id.
asio::awaitable<Result<std::unordered_map<Uuid, std::string>>> find_addresses(
    postgres::Pool& pool, std::vector<Uuid> hashes, std::chrono::milliseconds timeout) {
  static constexpr std::string_view kSql =
      "SELECT email_hash, user_id FROM member WHERE email_hash = ANY($1::uuid[])";
  const auto rows = co_await pool.query(kSql, postgres::Params::of(hashes), timeout);
  if (!rows) co_return std::unexpected(rows.error());
  std::unordered_map<Uuid, std::string> owners;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    owners.emplace(rows->get<Uuid>(row, 0), rows->get<std::string>(row, 1));
  }
  co_return owners;
}

}  // namespace

asio::awaitable<Result<std::vector<bool>>> MemberStore::insert(Items items, Deadline deadline) {
  const auto timeout = statement_timeout(deadline);
  if (!timeout) co_return std::unexpected(timeout.error());
  MemberColumns columns;
  for (const auto* item : items) columns.add(*item);
  const auto rows = co_await pool_.query(insert_sql(), columns.params(), *timeout);
  if (!rows) co_return std::unexpected(rows.error());
  std::unordered_set<Uuid> fresh;
  for (std::size_t row = 0; row < rows->size(); ++row) fresh.insert(rows->get<Uuid>(row, 0));
  std::vector<bool> inserted;
  for (const auto* item : items) inserted.push_back(fresh.contains(item->id));
  co_return inserted;
}

asio::awaitable<Result<std::vector<std::optional<Verdict>>>> MemberStore::look_up(Items items,
                                                                                  Deadline deadline) {
  std::vector<Uuid> keys;
  std::vector<Uuid> addresses;
  for (const auto* item : items) {
    addresses.push_back(item->identities.at(0));
    keys.insert(keys.end(), item->identities.begin() + 1, item->identities.end());
  }
  auto timeout = statement_timeout(deadline);
  if (!timeout) co_return std::unexpected(timeout.error());
  const auto known = co_await find_keys(pool_, std::move(keys), *timeout);
  if (!known) co_return std::unexpected(known.error());
  timeout = statement_timeout(deadline);
  if (!timeout) co_return std::unexpected(timeout.error());
  const auto owners = co_await find_addresses(pool_, std::move(addresses), *timeout);
  if (!owners) co_return std::unexpected(owners.error());

  std::vector<std::optional<Verdict>> verdicts;
  for (const auto* item : items) {
    const std::span<const Uuid> own_keys{item->identities.begin() + 1, item->identities.end()};
    auto verdict = judge(*known, own_keys, item->body, item->id);
    const auto owner = owners->find(item->identities[0]);
    if (!verdict && owner != owners->end()) {
      const bool own = owner->second == item->id.str();
      verdict = Verdict{own ? Verdict::Kind::kStored : Verdict::Kind::kTaken, item->id, {}};
    }
    verdicts.push_back(std::move(verdict));
  }
  co_return verdicts;
}

}  // namespace bongsu::gateway
