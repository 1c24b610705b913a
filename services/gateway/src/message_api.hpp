#pragma once
#include "acceptor.hpp"
#include "event_maker.hpp"
#include "message_store.hpp"
#include "request_parts.hpp"

#include <bongsu/core/random.hpp>
#include <bongsu/http/router.hpp>

#include <string>

namespace bongsu::gateway {

/// What the handlers of messages share. Lifetime: all of it outlives them.
struct MessageParts {
  postgres::Pool& pool;
  MessageStore& store;
  Acceptor<NewMessage>& acceptor;
  const EventMaker& events;
  const Fingerprints& fingerprints;
  const security::SealedBox& box;
  security::TokenVerifier& tokens;
  Random& random;
  const Clock& clock;
};

inline constexpr std::string_view kSendRole = "message.send";

/// Makes what is stored of a message: ids, event, fingerprints. `key` may be empty.
NewMessage prepare(const MessageParts& parts, const Message& message, const std::string& caller,
                   const std::string& key, const std::optional<TraceContext>& trace);

/// POST /api/messages
class MessageApi {
 public:
  explicit MessageApi(MessageParts parts) : parts_(parts) {}

  void add_to(http::Router& router);

 private:
  asio::awaitable<http::Response> send(http::Request& request);
  asio::awaitable<std::optional<Verdict>> recall(const NewMessage& item);
  asio::awaitable<void> note_key(Uuid key, Uuid body, Verdict& verdict);
  http::Response answer(const Verdict& verdict, http::Language language) const;

  MessageParts parts_;
};

}  // namespace bongsu::gateway
