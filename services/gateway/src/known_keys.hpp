#pragma once
#include "group_commit.hpp"

#include <bongsu/postgres/pool.hpp>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace bongsu::gateway {

/// What a key was used for.
struct KnownKey {
  Uuid body;                          ///< fingerprint of the body
  Uuid id;                            ///< what the request made
  std::optional<std::string> answer;  ///< sealed, where it does not follow from the id
};
using KnownKeys = std::unordered_map<Uuid, KnownKey>;

/// Those of `keys` under which a request has been answered with 2xx in the last seven days.
asio::awaitable<Result<KnownKeys>> find_keys(postgres::Pool& pool, std::vector<Uuid> keys,
                                             std::chrono::milliseconds timeout);

/// What a request with these keys, this body and this id is to what is known: the first key that is
/// known decides, save that another body under any of them is a conflict. Nothing: none is known. Pure.
std::optional<Verdict> judge(const KnownKeys& known, std::span<const Uuid> keys, const Uuid& body,
                             const Uuid& id);

/// Notes the answer of a request that was not stored together with its key. A key that somebody else
/// has noted meanwhile stays as it is.
asio::awaitable<Result<void>> remember_key(postgres::Pool& pool, Uuid key, KnownKey answered,
                                           std::chrono::milliseconds timeout);

/// Forgets keys that are older than `age`, at most `limit`; tells how many.
asio::awaitable<Result<std::size_t>> forget_keys(postgres::Pool& pool, std::chrono::milliseconds age,
                                                 std::size_t limit);

}  // namespace bongsu::gateway
