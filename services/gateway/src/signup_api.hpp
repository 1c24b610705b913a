#pragma once
#include "acceptor.hpp"
#include "event_maker.hpp"
#include "member_store.hpp"
#include "request_parts.hpp"

#include <bongsu/http/router.hpp>

namespace bongsu::gateway {

/// What signing up needs. Lifetime: all of it outlives the handler.
struct SignupParts {
  Acceptor<NewMember>& acceptor;
  const EventMaker& events;
  const Fingerprints& fingerprints;
  Random& random;
  const Clock& clock;
};

/// POST /api/signup: anybody may.
class SignupApi {
 public:
  explicit SignupApi(SignupParts parts) : parts_(parts) {}

  void add_to(http::Router& router);

 private:
  asio::awaitable<http::Response> sign_up(http::Request& request);
  NewMember prepare(const Member& member, const std::string& key, http::Language language,
                    const std::optional<TraceContext>& trace) const;

  SignupParts parts_;
};

}  // namespace bongsu::gateway
