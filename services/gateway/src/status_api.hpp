#pragma once
#include "request_parts.hpp"

#include <bongsu/http/router.hpp>
#include <bongsu/postgres/pool.hpp>

namespace bongsu::gateway {

/// GET /api/messages/{id}: where a message stands, by its id or its notification's.
/// Lifetime: what it refers to outlives it.
class StatusApi {
 public:
  StatusApi(postgres::Pool& pool, security::TokenVerifier& tokens, const Clock& clock)
      : pool_(pool), tokens_(tokens), clock_(clock) {}

  void add_to(http::Router& router);

 private:
  asio::awaitable<http::Response> show(http::Request& request);

  postgres::Pool& pool_;
  security::TokenVerifier& tokens_;
  const Clock& clock_;
};

}  // namespace bongsu::gateway
