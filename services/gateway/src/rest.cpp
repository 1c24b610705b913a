#include "rest.hpp"

#include "signup_intake.hpp"

namespace bongsu::gateway {

Rest::Rest(Parts parts)
    : parts_(std::move(parts)),
      fingerprints_(parts_.secrets.hash),
      events_(parts_.secrets.box, fingerprints_, parts_.topics, parts_.random),
      messages_(parts_.pool),
      members_(parts_.pool),
      message_acceptor_(parts_.executor, "message", messages_, parts_.group_commit, parts_.on_stored),
      member_acceptor_(parts_.executor, "member", members_, parts_.group_commit, parts_.on_stored),
      answers_(parts_.pool, parts_.secrets.box, parts_.random),
      imports_(parts_.pool, parts_.random, parts_.clock,
               [this](const Member& member, const std::string& user_id) {
                 return events_.seal(member, record_id_of(user_id));
               }),
      message_api_(message_parts()),
      batch_api_(message_parts()),
      signup_api_(signup_parts()),
      status_api_(parts_.pool, parts_.secrets.tokens, parts_.clock),
      import_api_(import_parts()),
      send_api_(send_parts()),
      letters_api_(letters_parts()) {}

MessageParts Rest::message_parts() {
  return {.pool = parts_.pool,
          .store = messages_,
          .acceptor = message_acceptor_,
          .events = events_,
          .fingerprints = fingerprints_,
          .box = parts_.secrets.box,
          .tokens = parts_.secrets.tokens,
          .random = parts_.random,
          .clock = parts_.clock};
}

SignupParts Rest::signup_parts() {
  return {.acceptor = member_acceptor_,
          .events = events_,
          .fingerprints = fingerprints_,
          .random = parts_.random,
          .clock = parts_.clock};
}

ImportParts Rest::import_parts() {
  return {.store = imports_,
          .fingerprints = fingerprints_,
          .answers = answers_,
          .tokens = parts_.secrets.tokens,
          .clock = parts_.clock};
}

SendParts Rest::send_parts() {
  return {.store = parts_.job_store,
          .jobs = parts_.jobs,
          .fingerprints = fingerprints_,
          .answers = answers_,
          .tokens = parts_.secrets.tokens,
          .random = parts_.random,
          .clock = parts_.clock};
}

LettersParts Rest::letters_parts() {
  return {.deadletters = parts_.deadletters,
          .fingerprints = fingerprints_,
          .answers = answers_,
          .tokens = parts_.secrets.tokens,
          .clock = parts_.clock};
}

http::Router Rest::router() {
  http::Router router;
  message_api_.add_to(router);
  batch_api_.add_to(router);
  signup_api_.add_to(router);
  status_api_.add_to(router);
  import_api_.add_to(router);
  send_api_.add_to(router);
  letters_api_.add_to(router);
  return router;
}

}  // namespace bongsu::gateway
