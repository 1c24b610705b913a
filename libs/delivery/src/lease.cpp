#include "lease.hpp"

namespace bongsu::delivery {

Lease::Lease(Ledger& ledger, const Clock& clock, Random& random, const Settings& settings)
    : ledger_(ledger),
      clock_(clock),
      length_(settings.lease),
      life_(Uuid::v7(clock.now(), random).str()),
      owner_(life_ + ".0") {}

bool Lease::covers(const std::string& owner, std::chrono::milliseconds duration) const {
  return owner == owner_ && clock_.monotonic() + duration <= until_;
}

asio::awaitable<Result<void>> Lease::begin() {
  const auto asked = clock_.monotonic();
  auto begun = co_await ledger_.begin_lease(owner_);
  if (begun) until_ = asked + length_;
  co_return begun;
}

asio::awaitable<Result<bool>> Lease::renew() {
  const auto asked = clock_.monotonic();
  auto renewed = co_await ledger_.renew_lease(owner_);
  if (renewed && *renewed) until_ = asked + length_;
  if (renewed && !*renewed) until_ = {};
  co_return renewed;
}

void Lease::rename() {
  owner_ = life_ + "." + std::to_string(++names_);
  until_ = {};
}

asio::awaitable<Result<void>> Lease::end() {
  until_ = {};
  return ledger_.end_lease(owner_);
}

}  // namespace bongsu::delivery
