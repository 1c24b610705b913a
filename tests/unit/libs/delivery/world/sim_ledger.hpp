#pragma once
#include "life.hpp"

#include <bongsu/core/uuid.hpp>
#include <bongsu/delivery/ledger.hpp>
#include <bongsu/delivery/settings.hpp>
#include <bongsu/delivery/tokens.hpp>

#include <map>
#include <optional>

namespace bongsu::world {

class Witness;

/// The one database of a history, with the tables and the rules of migrations/0001_ledger.sql.
struct Database {
  struct Claim {
    std::string owner;  ///< empty: nobody
    std::int64_t epoch = 0;
    std::int64_t claimed_to = 0;
    std::int64_t inherited = 0;  ///< claimed_to when it was last taken
  };

  Moment down_until{};
  Moment started_at{};  ///< when it last came back
  double late = 0;  ///< share of decisions whose transaction commits some time after its look at the claim

  std::map<std::string, Moment> leases;  ///< owner → its end
  std::map<kafka::TopicPartition, Claim> claims;
  std::map<Uuid, delivery::Row> rows;
  std::vector<kafka::Record> refused;
  resilience::LimitState tokens;  ///< of the rate limit
};

/// One life's connection to it: slow, cut, and with answers that get lost.
class SimLedger final : public delivery::Ledger {
 public:
  SimLedger(Life& life, Database& database, Witness& witness, const delivery::Settings& settings)
      : life_(life), sim_(life.sim), database_(database), witness_(witness), settings_(settings) {}

  asio::awaitable<Result<void>> begin_lease(const std::string& owner) override;
  asio::awaitable<Result<bool>> renew_lease(const std::string& owner) override;
  asio::awaitable<Result<void>> end_lease(const std::string& owner) override;
  asio::awaitable<Result<std::optional<delivery::Taken>>> take(const kafka::TopicPartition& where,
                                                               const std::string& owner) override;
  asio::awaitable<Result<bool>> claim(const delivery::Hold& hold, std::int64_t to) override;
  asio::awaitable<Result<void>> give_back(const delivery::Hold& hold,
                                          std::optional<std::int64_t> lower_to) override;
  asio::awaitable<Result<std::vector<delivery::Hold>>> held_by(const std::string& life) override;
  asio::awaitable<Result<std::optional<delivery::Row>>> look_up(const Uuid& id) override;
  asio::awaitable<Result<std::optional<delivery::Row>>> record(const delivery::Hold& hold,
                                                               const delivery::Row& row) override;
  asio::awaitable<Result<void>> keep_refused(const kafka::Record& record, const Error& why) override;

  asio::awaitable<Result<resilience::TokensGranted>> lease_tokens(resilience::TokensWanted wanted);
  asio::awaitable<Result<void>> hand_back_tokens(resilience::TokensGranted granted,
                                                 resilience::TokensWanted unused);

 private:
  template <class T>
  using Reply = std::function<void(Result<T>)>;

  bool reachable() const;
  /// Sends a statement: `at_the_database` runs when and if it gets there.
  template <class T>
  void send(Reply<T> reply, std::function<void(Reply<T>)> at_the_database);
  template <class T>
  void answer(const Reply<T>& reply, Result<T> value);
  template <class T>
  asio::awaitable<Result<T>> statement(std::function<T()> effect);

  std::optional<delivery::Taken> take_claim(const kafka::TopicPartition& where, const std::string& owner);
  bool holds(const delivery::Hold& hold) const;
  std::optional<delivery::Row> write(const delivery::Hold& hold, const delivery::Row& row);

  Life& life_;
  Simulation& sim_;
  Database& database_;
  Witness& witness_;
  const delivery::Settings& settings_;
  resilience::LimitState own_tokens_;  // Rule::kTokensOfOneRow
};

/// The tokens in its database.
class SimTokens final : public delivery::Tokens {
 public:
  explicit SimTokens(SimLedger& ledger) : ledger_(ledger) {}
  asio::awaitable<Result<resilience::TokensGranted>> lease(resilience::TokensWanted wanted) override {
    return ledger_.lease_tokens(wanted);
  }
  asio::awaitable<Result<void>> hand_back(resilience::TokensGranted granted,
                                          resilience::TokensWanted unused) override {
    return ledger_.hand_back_tokens(granted, unused);
  }

 private:
  SimLedger& ledger_;
};

/// Two ids that the test lets count as one (Rule::kSameIdWaits): the engine sees two, the ledger and
/// the provider one.
Uuid alias_of(const Uuid& id);
Uuid canonical(const Uuid& id);

}  // namespace bongsu::world
