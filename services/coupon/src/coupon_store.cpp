#include "coupon_store.hpp"

#include "coupon_code.hpp"

#include <string_view>

namespace bongsu::coupon {
namespace {

/// More than a process has in flight: nobody waits for more than one batch before his own.
constexpr std::size_t kMaxBatch = 2'000;
/// Batches of one process would only wait for each other's lock.
constexpr std::size_t kMaxParallel = 1;
/// A code that exists already has 1 chance in 2^80 for each coupon there is.
constexpr std::string_view kAgain = "again";

Result<Uuid> answer_of(const postgres::Rows& rows, std::size_t row) {
  const auto outcome = rows.get<std::string_view>(row, 0);
  if (outcome == "issued") return rows.get<Uuid>(row, 1);
  if (outcome == "out_of_stock")
    return fail(ErrorCode::kExhausted, "coupon: the campaign's stock is used up", "out_of_stock");
  if (outcome == "no_campaign")
    return fail(ErrorCode::kNotFound, "coupon: there is no such campaign", "unknown_campaign");
  return fail(ErrorCode::kUnavailable, "coupon: the code exists already", std::string{kAgain});
}

}  // namespace

CouponStore::CouponStore(const asio::any_io_executor& executor, postgres::Pool& pool, const Clock& clock,
                         Random& random)
    : pool_(pool),
      clock_(clock),
      random_(random),
      batcher_(executor, kMaxBatch, kMaxParallel,
               [this](std::vector<Claim> claims) { return issue_all(std::move(claims)); }) {}

asio::awaitable<Result<Uuid>> CouponStore::issue(Claim claim) {
  auto answer = co_await batcher_.submit(claim);
  if (!answer && answer.error().detail == kAgain) answer = co_await batcher_.submit(std::move(claim));
  co_return answer;
}

asio::awaitable<Result<void>> CouponStore::probe() {
  auto rows = co_await pool_.query("SELECT 1 FROM campaign LIMIT 1");
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  co_return Result<void>{};
}

asio::awaitable<CouponStore::Answers> CouponStore::issue_all(std::vector<Claim> claims) {
  const auto rows = co_await ask(claims);
  if (!rows && rows.error().code == ErrorCode::kInvalidArgument && claims.size() > 1)
    co_return co_await issue_halves(std::move(claims));
  Answers answers;
  answers.reserve(claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (rows)
      answers.push_back(answer_of(*rows, i));
    else
      answers.emplace_back(std::unexpected(rows.error()));
  }
  co_return answers;
}

/// One bad claim must not fail the others: halves, until it stands alone.
asio::awaitable<CouponStore::Answers> CouponStore::issue_halves(std::vector<Claim> claims) {
  const auto middle = claims.begin() + static_cast<std::ptrdiff_t>(claims.size() / 2);
  std::vector<Claim> second{std::make_move_iterator(middle), std::make_move_iterator(claims.end())};
  claims.erase(middle, claims.end());
  auto answers = co_await issue_all(std::move(claims));
  auto more = co_await issue_all(std::move(second));
  answers.insert(answers.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  co_return answers;
}

asio::awaitable<Result<postgres::Rows>> CouponStore::ask(const std::vector<Claim>& claims) {
  std::vector<std::string> users;
  std::vector<std::string> campaigns;
  std::vector<Uuid> ids;
  std::vector<std::string> codes;
  const auto now = clock_.now();
  for (const auto& claim : claims) {
    users.push_back(claim.user_id);
    campaigns.push_back(claim.campaign_id);
    ids.push_back(Uuid::v7(now, random_));
    codes.push_back(make_code(random_));
  }
  co_return co_await pool_.query("SELECT outcome, coupon FROM issue_coupons($1, $2, $3, $4)",
                                 postgres::Params::of(users, campaigns, ids, codes));
}

}  // namespace bongsu::coupon
