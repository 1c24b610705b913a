#pragma once
#include "delivery_status.hpp"

#include <bongsu/postgres/pool.hpp>

#include <optional>
#include <vector>

namespace bongsu::gateway {

/// A message, or one of a signup's notifications, and what is known of its delivery.
struct Tracked {
  Uuid notification_id;
  events::Channel channel = events::Channel::kEmail;
  Progress progress = Progress::kPublished;
  std::vector<Attempt> attempts;  ///< as they followed one another, its fallback's after its own
};

/// Looks a message up by its own id or its notification's. Nothing: nobody knows it.
/// Errors: as postgres::Pool.
asio::awaitable<Result<std::optional<Tracked>>> find_message(postgres::Pool& pool, const Uuid& id);

/// Notes how attempts ended. The same attempt again changes nothing, save that `delivered` takes the
/// place of any other outcome: it tells what happened. Which notification took over stays known. Errors: as
/// postgres::Pool.
asio::awaitable<Result<void>> note_attempts(postgres::Pool& pool, std::vector<Attempt> attempts);

}  // namespace bongsu::gateway
