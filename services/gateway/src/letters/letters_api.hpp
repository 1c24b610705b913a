#pragma once
#include "fingerprints.hpp"
#include "remembered_answers.hpp"

#include <bongsu/deadletters/v1/deadletters.pb.h>
#include <bongsu/http/router.hpp>
#include <bongsu/rpc/client.hpp>

namespace bongsu::gateway {

/// What the handlers work with. Lifetime: all of it outlives them.
struct LettersParts {
  rpc::Channel& deadletters;
  const Fingerprints& fingerprints;
  RememberedAnswers& answers;
  security::TokenVerifier& tokens;
  const Clock& clock;
};

/// GET /api/admin/failures: what died, the youngest first. POST /api/admin/replays: what a replay would send,
/// and its digest; POST …/{id}/execute sends it, GET …/{id} tells how far it has come. The deadletters
/// service does it all; it is asked with the caller's own token.
/// A plan whose answer was lost is planned once more under its key; neither sends anything. Executing twice
/// starts nothing twice.
class LettersApi {
 public:
  explicit LettersApi(LettersParts parts) : parts_(parts) {}

  void add_to(http::Router& router);

 private:
  asio::awaitable<http::Response> list(http::Request& request);
  asio::awaitable<http::Response> plan(http::Request& request);
  asio::awaitable<http::Response> execute(http::Request& request);
  asio::awaitable<http::Response> show(http::Request& request);

  /// The request's key, if it came with one; `asked` is what it asks for.
  Checked<Repeatable> repeatable(const http::Request& request, std::string_view subject,
                                 std::string_view operation, const google::protobuf::Message& asked) const;
  template <class Request>
  asio::awaitable<Checked<std::string>> ask_for_replay(Request request, http::Language language,
                                                       std::string token);

  LettersParts parts_;
};

}  // namespace bongsu::gateway
