#pragma once
#include <bongsu/core/random.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/delivery/ledger.hpp>
#include <bongsu/delivery/settings.hpp>

#include <string>

namespace bongsu::delivery {

/// The right to call the provider: one name of this process' life, good until a moment on the
/// monotonic clock that lies before the one the database counts to, since it is counted from before
/// the renewal was asked for.
/// Threads: the io_context's one thread.
class Lease {
 public:
  Lease(Ledger& ledger, const Clock& clock, Random& random, const Settings& settings);

  const std::string& life() const { return life_; }
  const std::string& owner() const { return owner_; }

  /// Whether `owner` is still our name and outlasts `duration` from now.
  bool covers(const std::string& owner, std::chrono::milliseconds duration) const;

  /// Makes the lease under the present name.
  asio::awaitable<Result<void>> begin();
  /// Prolongs it. False: the name is lost for good; rename() and begin() again.
  asio::awaitable<Result<bool>> renew();
  void rename();
  asio::awaitable<Result<void>> end();

 private:
  Ledger& ledger_;
  const Clock& clock_;
  std::chrono::milliseconds length_;
  std::string life_;
  std::string owner_;
  int names_ = 0;
  std::chrono::steady_clock::time_point until_{};
};

}  // namespace bongsu::delivery
