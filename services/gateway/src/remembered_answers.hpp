#pragma once
#include "fingerprints.hpp"
#include "request_parts.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/postgres/pool.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <string>
#include <string_view>

namespace bongsu::gateway {

/// How a request that went well is answered.
struct Success {
  int status = 200;
  http::Text message;
};

/// Answers of requests that came with an Idempotency-Key, where the answer does not follow from what was
/// stored. Sealed: an answer may tell a person.
/// Threads: the io_context's one thread. Lifetime: what it refers to outlives it.
class RememberedAnswers {
 public:
  RememberedAnswers(postgres::Pool& pool, const security::SealedBox& box, Random& random)
      : pool_(pool), box_(box), random_(random) {}

  /// Does the request's work, or answers as it was answered before, and `work` is not begun. The work must
  /// bear being done again: its answer is not remembered in the work's transaction.
  asio::awaitable<http::Response> once(Repeatable request, Success success, http::Language language,
                                       asio::awaitable<Checked<std::string>> work);

 private:
  /// The data that was answered under this key; empty: nothing was. Problems: 422 when the key belongs to
  /// another body, 503.
  asio::awaitable<Checked<std::string>> find(Uuid key, Uuid body);
  asio::awaitable<Result<void>> remember(Uuid key, Uuid body, std::string data);

  postgres::Pool& pool_;
  const security::SealedBox& box_;
  Random& random_;
};

}  // namespace bongsu::gateway
