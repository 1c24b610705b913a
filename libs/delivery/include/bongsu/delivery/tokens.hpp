#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/resilience/limiter.hpp>

namespace bongsu::delivery {

/// Where the tokens of a channel's rate limit come from, for all of its replicas together.
///
/// Errors: any; the caller sends nothing and asks again.
/// Threads: the io_context's one thread. Lifetime: outlives its users.
class Tokens {
 public:
  virtual ~Tokens() = default;

  /// A grant counts from before it was asked for, on the asker's monotonic clock.
  virtual asio::awaitable<Result<resilience::TokensGranted>> lease(resilience::TokensWanted wanted) = 0;
};

}  // namespace bongsu::delivery
