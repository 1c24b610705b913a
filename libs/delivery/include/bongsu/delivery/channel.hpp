#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/core/private.hpp>
#include <bongsu/core/uuid.hpp>

#include <optional>
#include <string>

namespace bongsu::delivery {

/// One message to one recipient on one channel, opened and ready to be sent.
struct Notification {
  Uuid id;
  /// What the provider sees as the key of a repeated call: the id, or `id.rN` after a repair.
  std::string idempotency_key;
  std::string member_id;    ///< empty when the sender named none
  std::string campaign_id;  ///< coupons only
  Recipient recipient;
  PrivateText subject;
  PrivateText text;
  PrivateText html;  ///< empty where there is no HTML part
  Timestamp requested_at;
};

/// The provider has taken the message.
struct Receipt {
  /// What the provider calls it; empty where it gives no name. Public: it stands in results.
  std::string provider_id;
};

/// A member who has just signed up, as a channel needs to know them to greet them.
struct Signup {
  std::string member_id;
  EmailAddress email;
  PersonName name;
  std::string locale;  ///< "ko" or "en"
};

/// What a channel makes of a signup.
struct Greeting {
  Recipient recipient;
  PrivateText subject;
  PrivateText text;
  PrivateText html;
  std::string campaign_id;
};

/// A way to reach people: knows its provider, and nothing of topics, offsets, retries or the ledger.
///
/// What send() and validate() return decides what follows (see delivery/README.md, "What ends where"):
///   kTimeout, kUnavailable   the provider did not serve: tried again, then the retry topics
///   kRateLimited             patience, with Error::retry_after where the provider names it
///   kUnauthorized            our credentials are refused: the lane is held, nobody's attempts are used
///   kInvalidArgument         a rule of ours: dead letter `invalid_request`
///   kNotFound                there is no such recipient: dead letter `invalid_recipient`
///   kRejected                the provider refuses this message for good: dead letter `provider_rejected`
///   kExhausted               out of stock: retry topics, then dead letter `out_of_stock`
///   anything else            a mistake of ours: dead letter `internal`
/// Error::detail is the provider's code, public; Error::message is our text, never the provider's.
/// Error::sent says whether the message may have gone out all the same.
///
/// Threads: the io_context's one thread; many send() are under way at once. Lifetime: outlives the engine.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Rules that need no provider. Called before anything is claimed. Must not block.
  virtual Result<void> validate(const Notification& notification) const = 0;

  /// Sends once, within timeout(). Trying again belongs to the delivery library.
  virtual asio::awaitable<Result<Receipt>> send(const Notification& notification) = 0;

  /// Whether the provider answers; asked at start, for the log and /readyz, never before a send.
  virtual asio::awaitable<Result<void>> probe() = 0;

  /// The longest a send() may take from connect to answer. A lease must outlast it.
  virtual std::chrono::milliseconds timeout() const = 0;

  /// How many send() may be under way at once; the others wait their turn by the rank of their lanes.
  virtual std::size_t concurrency() const { return 200; }

  /// What a new member gets on this channel; nothing when signups are not its concern.
  virtual std::optional<Greeting> greet(const Signup& signup) const {
    static_cast<void>(signup);
    return std::nullopt;
  }
};

}  // namespace bongsu::delivery
