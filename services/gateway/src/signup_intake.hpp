#pragma once
#include "event_maker.hpp"
#include "member.hpp"

#include <bongsu/intake/record.hpp>
#include <bongsu/postgres/pool.hpp>

#include <vector>

namespace bongsu::gateway {

/// A signup that upstream published itself.
struct UpstreamMember {
  SignedUp signup;
  Member member;
  Uuid email_hash;
  std::string sealed;
};

/// What signups from upstream are turned into members with. Lifetime: all of it outlives its users.
struct SignupIntakeParts {
  postgres::Pool& pool;
  const EventMaker& events;
  const Fingerprints& fingerprints;
  const Clock& clock;
  std::string group;
};

/// The record id under which a member is sealed: the user id, or what follows from it where it is no
/// UUID (upstream's may be any text).
Uuid record_id_of(std::string_view user_id);

/// Reads a user.signed-up. Nothing: our own, which is a member already. What breaks a rule comes back
/// sealed: it tells a person.
intake::Usable<std::optional<UpstreamMember>> read_signup(const SignupIntakeParts& parts,
                                                          const kafka::Message& record);

/// Makes members of a batch of signups and gives back the records that cannot be used, among them those
/// whose address another member has. The same user id again changes nothing.
/// Errors: as postgres::Pool, and then nothing is certain: the batch comes again.
asio::awaitable<Result<std::vector<intake::DeadLetter>>> take_signups(
    const SignupIntakeParts& parts, const std::vector<kafka::Message>& records);

}  // namespace bongsu::gateway
