#pragma once
#include <bongsu/core/batcher.hpp>
#include <bongsu/delivery/ledger.hpp>
#include <bongsu/delivery/settings.hpp>
#include <bongsu/postgres/pool.hpp>

namespace bongsu::delivery {

/// The ledger in PostgreSQL, in the schema of the channel's service (migrations/0001_ledger.sql).
///
/// Look-ups, claims and outcomes travel in batches: what is asked while one is under way goes out
/// together with the next. Lifetime: `pool` outlives it; nothing may be under way when it goes.
class PostgresLedger final : public Ledger {
 public:
  PostgresLedger(const asio::any_io_executor& executor, postgres::Pool& pool, const Settings& settings);

  asio::awaitable<Result<void>> begin_lease(const std::string& owner) override;
  asio::awaitable<Result<bool>> renew_lease(const std::string& owner) override;
  asio::awaitable<Result<void>> end_lease(const std::string& owner) override;
  asio::awaitable<Result<std::optional<Taken>>> take(const kafka::TopicPartition& where,
                                                     const std::string& owner) override;
  asio::awaitable<Result<bool>> claim(const Hold& hold, std::int64_t to) override;
  asio::awaitable<Result<void>> give_back(const Hold& hold, std::optional<std::int64_t> lower_to) override;
  asio::awaitable<Result<std::vector<Hold>>> held_by(const std::string& life) override;
  asio::awaitable<Result<std::optional<Row>>> look_up(const Uuid& id) override;
  asio::awaitable<Result<std::optional<Row>>> record(const Hold& hold, const Row& row) override;
  asio::awaitable<Result<void>> keep_refused(const kafka::Record& record, const Error& why) override;

  /// Makes the ledger's partitions for the coming two weeks and drops those past retention. Call at
  /// start and daily; harmless at any time.
  asio::awaitable<Result<void>> keep_partitions();

 private:
  // Both stand with who waits for the answer.
  struct Claim {
    const Hold* hold;
    std::int64_t to;
  };
  struct Outcome {
    const Hold* hold;
    const Row* row;
  };
  using Looked = Result<std::optional<Row>>;

  asio::awaitable<std::vector<Looked>> look_up_all(std::vector<Uuid> ids);
  asio::awaitable<std::vector<Result<bool>>> claim_all(std::vector<Claim> claims);
  asio::awaitable<std::vector<Looked>> record_all(std::vector<Outcome> outcomes);
  asio::awaitable<std::vector<Looked>> write_all(const std::vector<Outcome>& outcomes);
  asio::awaitable<void> read_kept_rows(const std::vector<Outcome>& outcomes,
                                       const std::vector<std::size_t>& kept, std::vector<Looked>& answers);

  postgres::Pool& pool_;
  Settings settings_;
  Batcher<Uuid, Looked> look_ups_;
  Batcher<Claim, Result<bool>> claims_;
  Batcher<Outcome, Looked> outcomes_;
};

}  // namespace bongsu::delivery
