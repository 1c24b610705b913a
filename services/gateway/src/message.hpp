#pragma once
#include "field_errors.hpp"

#include <bongsu/core/private.hpp>
#include <bongsu/core/time.hpp>
#include <bongsu/events/channel.hpp>

#include <optional>
#include <string>

namespace bongsu::gateway {

/// A message as its sender wrote it: of the right types, and nothing else is known of it.
struct MessageDraft {
  struct Fallback {
    std::optional<std::string> channel;
    std::optional<std::string> recipient;
  };
  std::optional<std::string> client_message_id;
  std::optional<std::string> channel;
  std::optional<std::string> recipient;
  std::optional<std::string> subject;
  std::optional<std::string> content;
  std::optional<std::string> purpose;
  std::optional<std::string> expires_at;
  std::optional<Fallback> fallback;
};

/// A message that keeps every rule.
struct Message {
  struct Fallback {
    events::Channel channel;
    Recipient recipient;  ///< empty: the message's own
  };
  std::string client_message_id;
  events::Channel channel = events::Channel::kEmail;
  Recipient recipient;  ///< an address with its domain in lower case, or a number in E.164
  PrivateText subject;
  PrivateText content;
  events::Purpose purpose = events::Purpose::kTransactional;
  std::optional<Timestamp> expires_at;
  std::optional<Fallback> fallback;
};

inline constexpr std::size_t kMaxClientMessageId = 255;  // characters
inline constexpr std::size_t kMaxSubject = 200;          // characters
inline constexpr std::size_t kMaxContent = 10'000;       // characters
inline constexpr std::size_t kMaxContentBytes = 65'536;

/// Checks every field and adds all that is wrong to `errors`; the message counts only if nothing was
/// added. Whether it has expired is not asked here: a repeated request is answered as the first one
/// was, however late it comes. Pure.
Message check(MessageDraft draft, FieldErrors& errors);

/// Whether it would be dead on arrival.
bool expired(const Message& message, Timestamp now);

/// What two requests have in common that ask for the same: every field in its normal form, told apart
/// by its length. For a keyed hash, never to be stored or logged.
std::string fingerprint(const Message& message);

}  // namespace bongsu::gateway
