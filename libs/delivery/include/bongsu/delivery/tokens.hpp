#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/resilience/limiter.hpp>

namespace bongsu::delivery {

/// Where leave to call the provider comes from, for all replicas of a channel together: a call takes a token.
///
/// Ask for as many as wait and could go out now, no more. Read the monotonic clock before asking: from then
/// on a grant counts. Its tokens are for calls that begin before `valid_for` is over, which is looked at
/// right before each call with nothing awaited in between; what is left then is dropped. Asking again before
/// `ask_again` is over is in vain. Transactional tokens may come out of the reserve and are not for bulk;
/// bulk's are for anybody.
///
/// Errors: any; nothing was granted, so the caller sends nothing and asks again in a moment.
/// Threads: the io_context's one thread. Lifetime: outlives its users.
class Tokens {
 public:
  virtual ~Tokens() = default;
  virtual asio::awaitable<Result<resilience::TokensGranted>> lease(resilience::TokensWanted wanted) = 0;

  /// Gives back what of `granted` was not used and never will be (resilience::hand_back): worth the trip for
  /// windows, where it would be missing until the window has passed. Told once, whatever the answer; after
  /// an error it may have happened all the same. By default they are simply lost.
  virtual asio::awaitable<Result<void>> hand_back(resilience::TokensGranted /*granted*/,
                                                  resilience::TokensWanted /*unused*/) {
    co_return Result<void>{};
  }
};

}  // namespace bongsu::delivery
