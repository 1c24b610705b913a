#include "sim_ledger.hpp"

#include "witness.hpp"

namespace bongsu::world {

using delivery::Hold;
using delivery::Row;
using delivery::Taken;

namespace {

constexpr auto kServerPatience = 8s;  // after its start no lease counts as over

std::string life_of(const std::string& owner) { return owner.substr(0, owner.find('.')); }

std::string text_of(const kafka::TopicPartition& where) {
  return where.topic + "/" + std::to_string(where.partition);
}

}  // namespace

Uuid alias_of(const Uuid& id) {
  auto bytes = id.bytes();
  bytes.back() |= 1U;
  return Uuid{bytes};
}

Uuid canonical(const Uuid& id) {
  auto bytes = id.bytes();
  bytes.back() &= 0xFEU;
  return Uuid{bytes};
}

bool SimLedger::reachable() const {
  return sim_.now() >= database_.down_until && sim_.now() >= life_.ledger_cut_until;
}

template <class T>
void SimLedger::answer(const Reply<T>& reply, Result<T> value) {
  if (sim_.chance(0.02)) {  // it happened, but nobody hears of it
    sim_.after(1s, [reply] { reply(fail(ErrorCode::kTimeout, "no answer", "", Sent::kMaybe)); });
    return;
  }
  const auto way = sim_.chance(0.03) ? sim_.between(100ms, 900ms) : sim_.between(300us, 8ms);
  sim_.after(way, [reply, value = std::move(value)] { reply(value); });
}

template <class T>
void SimLedger::send(Reply<T> reply, std::function<void(Reply<T>)> at_the_database) {
  const auto refuse = [this, reply] {
    sim_.after(sim_.between(5ms, 100ms), [reply] { reply(fail(ErrorCode::kUnavailable, "away")); });
  };
  if (!reachable() || sim_.chance(0.01)) return refuse();
  sim_.after(sim_.between(300us, 8ms), [this, reply, refuse, at_the_database = std::move(at_the_database)] {
    if (life_.dead && sim_.chance(0.5)) return;
    if (!reachable()) return refuse();
    at_the_database(reply);
  });
}

template <class T>
asio::awaitable<Result<T>> SimLedger::statement(std::function<T()> effect) {
  return ask<Result<T>>(life_, [this, effect = std::move(effect)](Reply<T> reply) {
    send<T>(std::move(reply), [this, effect](const Reply<T>& back) { answer<T>(back, effect()); });
  });
}

asio::awaitable<Result<void>> SimLedger::begin_lease(const std::string& owner) {
  const auto begun = co_await statement<bool>([this, owner] {
    database_.leases[owner] = sim_.now() + settings_.lease;
    return true;
  });
  if (!begun) co_return std::unexpected(begun.error());
  co_return Result<void>{};
}

asio::awaitable<Result<bool>> SimLedger::renew_lease(const std::string& owner) {
  co_return co_await statement<bool>([this, owner] {
    if (!sim_.off(Rule::kRenewalOfAnExistingLeaseOnly) && !database_.leases.contains(owner)) {
      sim_.tell([&] { return "  NAME LOST " + life_.name; });
      return false;
    }
    database_.leases[owner] = sim_.now() + settings_.lease;
    return true;
  });
}

asio::awaitable<Result<void>> SimLedger::end_lease(const std::string& owner) {
  const auto ended = co_await statement<bool>([this, owner] {
    database_.leases.erase(owner);
    return true;
  });
  if (!ended) co_return std::unexpected(ended.error());
  co_return Result<void>{};
}

asio::awaitable<Result<std::optional<Taken>>> SimLedger::take(const kafka::TopicPartition& where,
                                                              const std::string& owner) {
  co_return co_await statement<std::optional<Taken>>(
      [this, where, owner] { return take_claim(where, owner); });
}

std::optional<Taken> SimLedger::take_claim(const kafka::TopicPartition& where, const std::string& owner) {
  auto& row = database_.claims[where];
  if (!row.owner.empty() && life_of(row.owner) != life_of(owner)) {
    const auto lease = database_.leases.find(row.owner);
    if (lease != database_.leases.end()) {
      const bool over = lease->second <= sim_.now() && sim_.now() >= database_.started_at + kServerPatience;
      if (!over && !sim_.off(Rule::kTakeWaitsForTheLease)) return std::nullopt;
      if (!sim_.off(Rule::kTakeEndsTheLease)) database_.leases.erase(lease);
    }
  }
  row.owner = owner;
  row.inherited = row.claimed_to;
  ++row.epoch;
  sim_.tell([&] {
    return "  TAKE " + text_of(where) + " by " + life_.name + " epoch " + std::to_string(row.epoch) +
           " claimed_to " + std::to_string(row.claimed_to);
  });
  return Taken{.epoch = row.epoch, .claimed_to = row.claimed_to};
}

bool SimLedger::holds(const Hold& hold) const {
  const auto row = database_.claims.find(hold.where);
  return row != database_.claims.end() && row->second.epoch == hold.epoch;
}

asio::awaitable<Result<bool>> SimLedger::claim(const Hold& hold, std::int64_t to) {
  co_return co_await statement<bool>([this, hold, to] {
    const bool fenced = !holds(hold);
    if (fenced && !sim_.off(Rule::kClaimsAreFenced)) return false;
    auto& row = database_.claims[hold.where];
    if (!sim_.off(Rule::kClaimBeforeSending)) row.claimed_to = std::max(row.claimed_to, to);
    witness_.claimed(life_, hold, to, fenced);
    return true;
  });
}

asio::awaitable<Result<void>> SimLedger::give_back(const Hold& hold, std::optional<std::int64_t> lower_to) {
  const auto given = co_await statement<bool>([this, hold, lower_to] {
    if (!holds(hold)) return true;
    auto& row = database_.claims[hold.where];
    row.owner.clear();
    const auto committed = witness_.committed(hold.where);
    row.claimed_to = lower_to.value_or(row.claimed_to);
    if (!lower_to && sim_.off(Rule::kInheritedClaimStays) && committed < row.inherited)
      row.claimed_to = committed;
    sim_.tell([&] {
      return "  GIVE BACK " + text_of(hold.where) + " by " + life_.name + (lower_to ? " cleanly" : "") +
             " claimed_to " + std::to_string(row.claimed_to);
    });
    return true;
  });
  if (!given) co_return std::unexpected(given.error());
  co_return Result<void>{};
}

asio::awaitable<Result<std::vector<Hold>>> SimLedger::held_by(const std::string& life) {
  co_return co_await statement<std::vector<Hold>>([this, life] {
    std::vector<Hold> holds;
    for (const auto& [where, row] : database_.claims) {
      if (!row.owner.empty() && life_of(row.owner) == life) holds.push_back({where, row.epoch});
    }
    return holds;
  });
}

asio::awaitable<Result<std::optional<Row>>> SimLedger::look_up(const Uuid& id) {
  co_return co_await statement<std::optional<Row>>([this, id]() -> std::optional<Row> {
    if (sim_.off(Rule::kLookUpBeforeSending)) return std::nullopt;
    const auto found = database_.rows.find(canonical(id));
    witness_.looked_up(life_, canonical(id), found == database_.rows.end() ? nullptr : &found->second);
    if (found == database_.rows.end()) return std::nullopt;
    auto row = found->second;
    row.id = id;
    return row;
  });
}

/// The look at the claim and the commit are two moments, as they are in PostgreSQL.
asio::awaitable<Result<std::optional<Row>>> SimLedger::record(const Hold& hold, const Row& row) {
  using Answer = std::optional<Row>;
  return ask<Result<Answer>>(life_, [this, hold, row](Reply<Answer> reply) {
    send<Answer>(std::move(reply), [this, hold, row](const Reply<Answer>& back) {
      const bool delivered = row.outcome == delivery::Outcome::kDelivered;
      const bool from_anyone =
          delivered ? !sim_.off(Rule::kDeliveredFromFormerOwners) : sim_.off(Rule::kDecisionsAreFenced);
      const bool accepted = holds(hold) || from_anyone;
      if (!accepted) {
        witness_.told(row);
        sim_.tell([&] { return "  FENCED outcome of " + witness_.name_of(row.id) + " by " + life_.name; });
        return answer<Answer>(back, std::nullopt);
      }
      const auto commit = [this, hold, row, back] { answer<Answer>(back, write(hold, row)); };
      if (!sim_.chance(database_.late)) return commit();
      sim_.after(sim_.between(50ms, 900ms), [this, commit, back] {
        if (sim_.now() >= database_.down_until) return commit();
        sim_.after(10ms, [back] { back(fail(ErrorCode::kUnavailable, "away")); });
      });
    });
  });
}

std::optional<Row> SimLedger::write(const Hold& hold, const Row& row) {
  witness_.told(row);
  auto offered = row;
  offered.id = canonical(row.id);
  const auto found = database_.rows.find(offered.id);
  auto stays =
      delivery::merge(found == database_.rows.end() ? std::nullopt : std::optional{found->second}, offered);
  const bool is_mark = row.outcome == delivery::Outcome::kOpen;
  if (!is_mark || !sim_.off(Rule::kMarkBeforeSendingAgain)) database_.rows[offered.id] = stays;
  witness_.recorded(life_, offered, stays, !holds(hold));
  if (sim_.off(Rule::kFollowUpFromTheRowThatStayed)) stays = offered;
  stays.id = row.id;
  return stays;
}

asio::awaitable<Result<void>> SimLedger::keep_refused(const kafka::Record& record, const Error& why) {
  static_cast<void>(why);
  const auto kept = co_await statement<bool>([this, record] {
    database_.refused.push_back(record);
    witness_.refused(record);
    return true;
  });
  if (!kept) co_return std::unexpected(kept.error());
  co_return Result<void>{};
}

asio::awaitable<Result<resilience::TokensGranted>> SimLedger::lease_tokens(resilience::TokensWanted wanted) {
  co_return co_await statement<resilience::TokensGranted>([this, wanted] {
    auto& state = sim_.off(Rule::kTokensOfOneRow) ? own_tokens_ : database_.tokens;
    return resilience::grant(settings_.rate_limit.policy, state, wall_time(sim_), wanted);
  });
}

asio::awaitable<Result<void>> SimLedger::hand_back_tokens(resilience::TokensGranted granted,
                                                          resilience::TokensWanted unused) {
  const auto done = co_await statement<bool>([this, granted, unused] {
    auto& state = sim_.off(Rule::kTokensOfOneRow) ? own_tokens_ : database_.tokens;
    if (settings_.rate_limit.policy.strategy != resilience::LimitStrategy::kTokenBucket)
      resilience::hand_back(state, granted.at, unused);
    return true;
  });
  if (!done) co_return std::unexpected(done.error());
  co_return Result<void>{};
}

}  // namespace bongsu::world
