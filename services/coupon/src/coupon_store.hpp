#pragma once
#include <bongsu/core/batcher.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/core/random.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/postgres/pool.hpp>

#include <string>
#include <vector>

namespace bongsu::coupon {

/// Who gets a coupon of which campaign.
struct Claim {
  std::string user_id;
  std::string campaign_id;
};

/// The coupons in PostgreSQL. What is asked for while a batch is under way goes out together in the next,
/// one statement for all of it: so the campaign's row, which all of them change, is locked once a batch.
///
/// Errors: kExhausted (out of stock), kNotFound (no such campaign); those of postgres::Pool, where
///   sent = kMaybe says that the coupon may have been issued. Asking again is always safe.
/// Ordering: the stock goes to who asked first at this store; between processes to whose batch came first.
/// Threads: the io_context's one thread. Lifetime: `pool`, `clock` and `random` outlive the store, which
///   outlives every issue().
class CouponStore {
 public:
  CouponStore(const asio::any_io_executor& executor, postgres::Pool& pool, const Clock& clock,
              Random& random);

  /// The coupon's public id, never its code. A member who has one already gets that one's id.
  asio::awaitable<Result<Uuid>> issue(Claim claim);

  /// Whether PostgreSQL answers and the tables are there.
  asio::awaitable<Result<void>> probe();

 private:
  using Answers = std::vector<Result<Uuid>>;

  asio::awaitable<Answers> issue_all(std::vector<Claim> claims);
  asio::awaitable<Answers> issue_halves(std::vector<Claim> claims);
  asio::awaitable<Result<postgres::Rows>> ask(const std::vector<Claim>& claims);

  postgres::Pool& pool_;
  const Clock& clock_;
  Random& random_;
  Batcher<Claim, Result<Uuid>> batcher_;
};

}  // namespace bongsu::coupon
