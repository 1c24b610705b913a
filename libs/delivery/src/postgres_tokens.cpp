#include <bongsu/delivery/postgres_tokens.hpp>

namespace bongsu::delivery {
namespace {

using postgres::Params;
using postgres::Rows;

/// Each lost round is a round that another replica won.
constexpr int kRounds = 20;

resilience::LimitState read_state(const Rows& rows) {
  resilience::LimitState state{.at = rows.get<Timestamp>(0, 2),
                               .level = rows.get<double>(0, 3),
                               .bulk_level = rows.get<double>(0, 4),
                               .cells = {}};
  const auto at = rows.get<std::vector<Timestamp>>(0, 5);
  const auto all = rows.get<std::vector<std::int32_t>>(0, 6);
  const auto bulk = rows.get<std::vector<std::int32_t>>(0, 7);
  state.cells.reserve(at.size());
  for (std::size_t i = 0; i < at.size(); ++i) {
    state.cells.push_back({.at = at[i],
                           .all = static_cast<std::uint32_t>(all.at(i)),
                           .bulk = static_cast<std::uint32_t>(bulk.at(i))});
  }
  return state;
}

bool got_any(const resilience::TokensGranted& granted) { return granted.transactional + granted.bulk > 0; }

std::unexpected<Error> always_late() {
  return fail(ErrorCode::kConflict, "rate limit: others were faster each time");
}

}  // namespace

PostgresTokens::PostgresTokens(postgres::Pool& pool, std::string provider, resilience::LimitPolicy policy)
    : pool_(pool), provider_(std::move(provider)), policy_(policy) {}

asio::awaitable<Result<resilience::TokensGranted>> PostgresTokens::lease(resilience::TokensWanted wanted) {
  for (int round = 0; round < kRounds; ++round) {
    auto stored = co_await read();
    if (!stored) co_return std::unexpected(stored.error());
    const auto granted = resilience::grant(policy_, stored->state, stored->now, wanted);
    if (!got_any(granted)) co_return granted;
    const auto written = co_await write(*stored);
    if (!written) co_return std::unexpected(written.error());
    if (*written) co_return granted;
  }
  co_return always_late();
}

asio::awaitable<Result<void>> PostgresTokens::hand_back(resilience::TokensGranted granted,
                                                        resilience::TokensWanted unused) {
  // A bucket's level would not change by it.
  if (policy_.strategy == resilience::LimitStrategy::kTokenBucket) co_return Result<void>{};
  for (int round = 0; round < kRounds; ++round) {
    auto stored = co_await read();
    if (!stored) co_return std::unexpected(stored.error());
    resilience::hand_back(stored->state, granted.at, unused);
    const auto written = co_await write(*stored);
    if (!written) co_return std::unexpected(written.error());
    if (*written) co_return Result<void>{};
  }
  co_return always_late();
}

asio::awaitable<Result<PostgresTokens::Stored>> PostgresTokens::read() {
  // A missing row is made first: whoever loses the race for it reads the winner's the next time round.
  for (int round = 0; round < 2; ++round) {
    const auto rows = co_await pool_.query(
        "SELECT version, clock_timestamp(), at, level, bulk_level, cell_at, cell_all, cell_bulk "
        "FROM rate_limit WHERE provider = $1",
        Params::of(provider_));
    if (!rows) co_return std::unexpected(rows.error());
    if (!rows->empty()) {
      co_return Stored{.version = rows->get<std::int64_t>(0, 0),
                       .now = rows->get<Timestamp>(0, 1),
                       .state = read_state(*rows)};
    }
    const auto made = co_await pool_.query(
        "INSERT INTO rate_limit (provider) VALUES ($1) ON CONFLICT DO NOTHING", Params::of(provider_));
    if (!made) co_return std::unexpected(made.error());
  }
  co_return fail(ErrorCode::kNotFound, "rate limit: its row is gone as soon as it is made");
}

asio::awaitable<Result<bool>> PostgresTokens::write(const Stored& stored) {
  const auto& state = stored.state;
  std::vector<Timestamp> at;
  std::vector<std::int32_t> all;
  std::vector<std::int32_t> bulk;
  at.reserve(state.cells.size());
  all.reserve(state.cells.size());
  bulk.reserve(state.cells.size());
  for (const auto& cell : state.cells) {
    at.push_back(cell.at);
    all.push_back(static_cast<std::int32_t>(cell.all));
    bulk.push_back(static_cast<std::int32_t>(cell.bulk));
  }
  const auto rows = co_await pool_.query(
      "UPDATE rate_limit SET version = version + 1, at = $3, level = $4, bulk_level = $5, cell_at = $6, "
      "cell_all = $7, cell_bulk = $8 WHERE provider = $1 AND version = $2",
      Params::of(provider_, stored.version, state.at, state.level, state.bulk_level, at, all, bulk));
  if (!rows) co_return std::unexpected(rows.error());
  co_return rows->affected() == 1;
}

}  // namespace bongsu::delivery
