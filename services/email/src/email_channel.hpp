#pragma once
#include "welcome_mail.hpp"

#include <bongsu/core/time.hpp>
#include <bongsu/delivery/channel.hpp>
#include <bongsu/smtp/client.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace bongsu::email {

/// Whom the mails are from.
struct Sender {
  EmailAddress address{"no-reply@bongsu.example"};
  PersonName name{"봉수"};
  /// After the @ of Message-ID; empty: the address' domain.
  std::string message_id_domain;
};

/// Sends mails through an SMTP server, one for each call of send().
///
/// Errors: those of smtp::Client; not_found where the recipient is no mailbox, invalid where subject or
///   text cannot stand in a mail (detail names the field).
/// Delivery: SMTP knows no idempotency key, so a mail whose reply was lost (sent = maybe) may arrive
///   twice; both copies carry the same Message-ID, made from the notification's id, by which mail
///   programs can tell.
/// Threads: the io_context's one thread. Lifetime: `client` and `clock` outlive the channel.
class EmailChannel final : public delivery::Channel {
 public:
  /// `concurrency`: mails under way at once, as many as there may be connections.
  EmailChannel(smtp::Client& client, const Clock& clock, Sender sender, WelcomeMail welcome,
               std::chrono::milliseconds timeout, std::size_t concurrency);

  Result<void> validate(const delivery::Notification& notification) const override;
  asio::awaitable<Result<delivery::Receipt>> send(const delivery::Notification& notification) override;
  asio::awaitable<Result<void>> probe() override;
  std::chrono::milliseconds timeout() const override { return timeout_; }
  std::size_t concurrency() const override { return concurrency_; }
  std::optional<delivery::Greeting> greet(const delivery::Signup& signup) const override;

 private:
  smtp::Mail mail_of(const delivery::Notification& notification) const;

  smtp::Client& client_;
  const Clock& clock_;
  Sender sender_;
  std::string message_id_domain_;
  WelcomeMail welcome_;
  std::chrono::milliseconds timeout_;
  std::size_t concurrency_;
};

}  // namespace bongsu::email
