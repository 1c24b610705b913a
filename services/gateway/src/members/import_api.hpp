#pragma once
#include "fingerprints.hpp"
#include "members/import_store.hpp"
#include "remembered_answers.hpp"

#include <bongsu/http/router.hpp>

namespace bongsu::gateway {

/// What the handler works with. Lifetime: all of it outlives the handler.
struct ImportParts {
  ImportStore& store;
  const Fingerprints& fingerprints;
  RememberedAnswers& answers;
  security::TokenVerifier& tokens;
  const Clock& clock;
};

/// POST /api/admin/members/import: up to 1,000 members as NDJSON, one JSON object a line. A line that
/// breaks a rule is told with its number and stored nowhere; the others are. Sending the same again
/// changes nothing. POST …/import/check answers the same and stores nothing.
class ImportApi {
 public:
  explicit ImportApi(ImportParts parts) : parts_(parts) {}

  void add_to(http::Router& router);

 private:
  asio::awaitable<http::Response> import(http::Request& request, bool storing);
  asio::awaitable<Checked<std::string>> store(const http::Request& request, Timestamp now, bool storing);

  ImportParts parts_;
};

}  // namespace bongsu::gateway
