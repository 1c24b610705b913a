#pragma once
#include "group_commit.hpp"

#include <bongsu/events/channel.hpp>
#include <bongsu/outbox/event.hpp>
#include <bongsu/postgres/pool.hpp>

#include <string>
#include <vector>

namespace bongsu::gateway {

/// A message that is ready to be stored, with its event.
struct NewMessage {
  Uuid id;
  Uuid notification_id;
  events::Channel channel = events::Channel::kEmail;
  std::string caller;
  Uuid body;                     ///< fingerprint of the body
  std::vector<Uuid> identities;  ///< its clientMessageId's key, then its Idempotency-Key's if there is one
  outbox::Event event;
};

/// Messages, the keys they came under and their events: one statement for all three.
/// Lifetime: `pool` outlives it.
class MessageStore final : public Store<NewMessage> {
 public:
  explicit MessageStore(postgres::Pool& pool) : pool_(pool) {}

  asio::awaitable<Result<std::vector<bool>>> insert(Items items, Deadline deadline) override;
  asio::awaitable<Result<std::vector<std::optional<Verdict>>>> look_up(Items items,
                                                                       Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace bongsu::gateway
