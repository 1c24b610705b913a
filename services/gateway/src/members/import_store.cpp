#include "members/import_store.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;

/// Somebody signs up with an address between look-up and write: looked up again.
constexpr int kTries = 5;
constexpr std::chrono::milliseconds kTimeout = 5s;
constexpr std::string_view kLocale = "ko";

/// Members of which no two are the same, as far as their lines tell; the others wait for the next round.
std::vector<ImportedMember*> next_round(std::vector<ImportedMember*>& waiting) {
  std::vector<ImportedMember*> round;
  std::vector<ImportedMember*> later;
  std::unordered_set<std::string_view> ids;
  std::unordered_set<Uuid> hashes;
  for (auto* one : waiting) {
    const bool seen =
        (!one->user_id.empty() && ids.contains(one->user_id)) || hashes.contains(one->email_hash);
    // What comes after a line that has to wait, and concerns the same member, waits as well.
    if (!one->user_id.empty()) ids.insert(one->user_id);
    hashes.insert(one->email_hash);
    (seen ? later : round).push_back(one);
  }
  waiting = std::move(later);
  return round;
}

}  // namespace

/// Who is a member already.
struct ImportStore::Known {
  std::unordered_set<std::string> user_ids;
  std::unordered_map<Uuid, std::string> by_address;
};

asio::awaitable<Result<ImportStore::Known>> ImportStore::find(const Members& members) {
  static constexpr std::string_view kSql =
      "SELECT user_id, email_hash FROM member WHERE user_id = ANY($1) OR email_hash = ANY($2)";
  std::vector<std::string> ids;
  std::vector<Uuid> hashes;
  for (const auto* one : members) {
    if (!one->user_id.empty()) ids.push_back(one->user_id);
    hashes.push_back(one->email_hash);
  }
  const auto rows = co_await pool_.query(kSql, postgres::Params::of(ids, hashes), kTimeout);
  if (!rows) co_return std::unexpected(rows.error());
  Known known;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    auto id = rows->get<std::string>(row, 0);
    known.user_ids.insert(id);
    known.by_address.emplace(rows->get<Uuid>(row, 1), std::move(id));
  }
  co_return known;
}

asio::awaitable<Result<void>> ImportStore::write(Members members) {
  static constexpr std::string_view kSql =
      "INSERT INTO member (user_id, email_hash, sealed, birth_date, has_phone, status, consent_marketing,"
      "                    consent_night, locale, signed_up_at) "
      "SELECT own.user_id, own.email_hash, own.sealed, own.birth_date, own.has_phone,"
      "  coalesce(own.status, old.status, 'ACTIVE'), coalesce(own.marketing, old.consent_marketing, false),"
      "  coalesce(own.night, old.consent_night, false), $9, $10 "
      "FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::date[], $5::boolean[], $6::text[], $7::boolean[],"
      "            $8::boolean[])"
      "  AS own(user_id, email_hash, sealed, birth_date, has_phone, status, marketing, night)"
      "  LEFT JOIN member AS old ON old.user_id = own.user_id "
      "ON CONFLICT (user_id) DO UPDATE SET email_hash = excluded.email_hash, sealed = excluded.sealed,"
      "  birth_date = excluded.birth_date, has_phone = excluded.has_phone, status = excluded.status,"
      "  consent_marketing = excluded.consent_marketing, consent_night = excluded.consent_night";
  // One order for all who write members, so that two never wait for each other.
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->email_hash < b->email_hash; });
  std::vector<std::string> ids;
  std::vector<std::string> boxes;
  std::vector<Uuid> hashes;
  std::vector<postgres::Bytes> sealed;
  std::vector<std::optional<std::chrono::year_month_day>> birth_dates;
  std::vector<std::optional<bool>> has_phone, marketing, night;
  std::vector<std::optional<std::string>> status;
  boxes.reserve(members.size());
  for (const auto* one : members) {
    ids.push_back(one->user_id);
    hashes.push_back(one->email_hash);
    boxes.push_back(seal_(one->member, one->user_id));
    sealed.push_back({boxes.back()});
    birth_dates.push_back(one->member.birth_date);
    has_phone.emplace_back(!one->member.phone.empty());
    marketing.push_back(one->consent_marketing);
    night.push_back(one->consent_night);
    status.push_back(one->active ? std::optional<std::string>{*one->active ? "ACTIVE" : "INACTIVE"}
                                 : std::nullopt);
  }
  const auto written =
      co_await pool_.query(kSql,
                           postgres::Params::of(ids, hashes, sealed, birth_dates, has_phone, status,
                                                marketing, night, kLocale, clock_.now()),
                           kTimeout);
  if (!written) co_return std::unexpected(written.error());
  co_return Result<void>{};
}

asio::awaitable<Result<std::vector<ImportOutcome>>> ImportStore::once(const Members& members, bool storing) {
  const auto known = co_await find(members);
  if (!known) co_return std::unexpected(known.error());
  std::vector<ImportOutcome> outcomes;
  Members to_write;
  for (auto* one : members) {
    const auto owner = known->by_address.find(one->email_hash);
    const bool address_known = owner != known->by_address.end();
    if (address_known && !one->user_id.empty() && owner->second != one->user_id) {
      outcomes.push_back(ImportOutcome::kEmailTaken);
      continue;
    }
    if (one->user_id.empty())
      one->user_id = address_known ? owner->second : Uuid::v7(clock_.now(), random_).str();
    outcomes.push_back(known->user_ids.contains(one->user_id) ? ImportOutcome::kUpdated
                                                              : ImportOutcome::kImported);
    to_write.push_back(one);
  }
  if (to_write.empty() || !storing) co_return outcomes;
  const auto written = co_await write(std::move(to_write));
  if (!written) co_return std::unexpected(written.error());
  co_return outcomes;
}

asio::awaitable<Result<std::vector<ImportOutcome>>> ImportStore::store(std::vector<ImportedMember> members) {
  co_return co_await in_rounds(std::move(members), true);
}

asio::awaitable<Result<std::vector<ImportOutcome>>> ImportStore::judge(std::vector<ImportedMember> members) {
  co_return co_await in_rounds(std::move(members), false);
}

asio::awaitable<Result<std::vector<ImportOutcome>>> ImportStore::in_rounds(
    std::vector<ImportedMember> members, bool storing) {
  std::vector<ImportOutcome> outcomes(members.size());
  Members waiting;
  for (auto& one : members) waiting.push_back(&one);
  while (!waiting.empty()) {
    const auto round = next_round(waiting);
    auto stored = co_await once(round, storing);
    for (int again = 1; !stored && again < kTries; ++again) {
      const bool raced =
          stored.error().code == ErrorCode::kAlreadyExists || stored.error().code == ErrorCode::kConflict;
      if (!raced) break;
      stored = co_await once(round, storing);
    }
    if (!stored && stored.error().code == ErrorCode::kAlreadyExists) {
      co_return fail(ErrorCode::kConflict, "others write the same members at the same time");
    }
    if (!stored) co_return std::unexpected(stored.error());
    for (std::size_t i = 0; i < round.size(); ++i) {
      outcomes[static_cast<std::size_t>(round[i] - members.data())] = (*stored)[i];
    }
  }
  co_return outcomes;
}

}  // namespace bongsu::gateway
