#pragma once
#include "group_commit.hpp"
#include "member.hpp"

#include <bongsu/outbox/event.hpp>
#include <bongsu/postgres/pool.hpp>

#include <string>
#include <vector>

namespace bongsu::gateway {

/// A signup that is ready to be stored, with its event.
struct NewMember {
  Uuid id;
  std::vector<Uuid> identities;  ///< the address's fingerprint, then the Idempotency-Key's if there is one
  Uuid body;                     ///< fingerprint of the body
  Member member;
  std::string sealed;
  std::string locale;
  Timestamp signed_up_at;
  outbox::Event event;
};

/// Members who sign up here, the keys they came under and their events: one statement for all three.
/// An address that a member has is kTaken. Lifetime: `pool` outlives it.
class MemberStore final : public Store<NewMember> {
 public:
  explicit MemberStore(postgres::Pool& pool) : pool_(pool) {}

  asio::awaitable<Result<std::vector<bool>>> insert(Items items, Deadline deadline) override;
  asio::awaitable<Result<std::vector<std::optional<Verdict>>>> look_up(Items items,
                                                                       Deadline deadline) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace bongsu::gateway
