#pragma once
#include "bulk/bulk_order.hpp"
#include "bulk/job_store.hpp"
#include "fingerprints.hpp"
#include "remembered_answers.hpp"

#include <bongsu/http/router.hpp>
#include <bongsu/rpc/client.hpp>

namespace bongsu::gateway {

/// What the handlers work with. Lifetime: all of it outlives them.
struct SendParts {
  JobStore& store;
  rpc::Channel& jobs;
  const Fingerprints& fingerprints;
  RememberedAnswers& answers;
  security::TokenVerifier& tokens;
  Random& random;
  const Clock& clock;
};

/// POST /api/admin/messages/send: a message to everybody of an age group, and GET …/{jobId}/status: how far
/// it has come. The members are counted here; the job itself is jobs', which is asked with the caller's own
/// token.
/// A request that is repeated under its Idempotency-Key makes one job, also when the first answer was lost:
/// jobs knows it by the key.
class SendApi {
 public:
  explicit SendApi(SendParts parts) : parts_(parts) {}

  void add_to(http::Router& router);

 private:
  asio::awaitable<http::Response> send(http::Request& request);
  asio::awaitable<http::Response> status(http::Request& request);
  asio::awaitable<Checked<std::string>> create(BulkOrder order, std::string request_id, std::string token);

  SendParts parts_;
};

}  // namespace bongsu::gateway
