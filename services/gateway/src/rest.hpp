#pragma once
#include "batch_api.hpp"
#include "bulk/send_api.hpp"
#include "letters/letters_api.hpp"
#include "members/import_api.hpp"
#include "signup_api.hpp"
#include "status_api.hpp"

#include <bongsu/host/secrets.hpp>

#include <functional>

namespace bongsu::gateway {

/// Every call of the REST side and what they share. Needs PostgreSQL, jobs for bulk messages,
/// and deadletters for what died.
/// Threads: the io_context's one thread. Lifetime: what it refers to outlives it; it outlives the server.
class Rest {
 public:
  struct Parts {
    asio::any_io_executor executor;
    postgres::Pool& pool;
    host::Secrets& secrets;
    events::Topics topics;
    Random& random;
    const Clock& clock;
    GroupCommitSettings group_commit;
    JobStore& job_store;
    rpc::Channel& jobs;
    rpc::Channel& deadletters;
    std::function<void()> on_stored;  ///< called after each commit that stored something
  };

  explicit Rest(Parts parts);
  Rest(const Rest&) = delete;
  Rest& operator=(const Rest&) = delete;

  http::Router router();

  const EventMaker& events() const { return events_; }
  const Fingerprints& fingerprints() const { return fingerprints_; }

 private:
  MessageParts message_parts();
  SignupParts signup_parts();
  ImportParts import_parts();
  SendParts send_parts();
  LettersParts letters_parts();

  Parts parts_;
  Fingerprints fingerprints_;
  EventMaker events_;
  MessageStore messages_;
  MemberStore members_;
  Acceptor<NewMessage> message_acceptor_;
  Acceptor<NewMember> member_acceptor_;
  RememberedAnswers answers_;
  ImportStore imports_;
  MessageApi message_api_;
  BatchApi batch_api_;
  SignupApi signup_api_;
  StatusApi status_api_;
  ImportApi import_api_;
  SendApi send_api_;
  LettersApi letters_api_;
};

}  // namespace bongsu::gateway
