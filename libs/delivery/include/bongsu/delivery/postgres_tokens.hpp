#pragma once
#include <bongsu/delivery/tokens.hpp>
#include <bongsu/postgres/pool.hpp>

#include <cstdint>
#include <string>

namespace bongsu::delivery {

/// Tokens leased from one row in PostgreSQL, table rate_limit in the schema of the channel's service
/// (migrations/0002_rate_limit.sql). The row is read with the database's clock, the policy reckons here, and
/// the row is written back if it is still the same; so no lock is held while a replica thinks, and one that
/// is stopped holds nobody up. An ask that gets nothing writes nothing.
///
/// Errors: as postgres::Pool; kConflict when others were faster each time. What an ask whose answer was lost
///   may have taken is used by nobody.
/// Lifetime: `pool` outlives it; nothing may be under way when it goes.
class PostgresTokens final : public Tokens {
 public:
  /// `provider` names the row. Replicas with different policies (while a change is rolled out) each apply
  /// their own to what all were granted.
  PostgresTokens(postgres::Pool& pool, std::string provider, resilience::LimitPolicy policy);

  asio::awaitable<Result<resilience::TokensGranted>> lease(resilience::TokensWanted wanted) override;
  asio::awaitable<Result<void>> hand_back(resilience::TokensGranted granted,
                                          resilience::TokensWanted unused) override;

 private:
  struct Stored {
    std::int64_t version = 0;
    Timestamp now;
    resilience::LimitState state;
  };

  asio::awaitable<Result<Stored>> read();
  /// False: another was faster, nothing was written.
  asio::awaitable<Result<bool>> write(const Stored& stored);

  postgres::Pool& pool_;
  std::string provider_;
  resilience::LimitPolicy policy_;
};

}  // namespace bongsu::delivery
