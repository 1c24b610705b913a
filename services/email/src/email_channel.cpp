#include "email_channel.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/smtp/address.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace bongsu::email {
namespace {

std::string domain_of(const Sender& sender) {
  if (!sender.message_id_domain.empty()) return sender.message_id_domain;
  const auto& address = sender.address.reveal();
  return address.substr(address.rfind('@') + 1);
}

bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool is_text(std::string_view text) { return is_utf8(text) && text.find('\0') == std::string_view::npos; }

Result<void> refuse(std::string_view field) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("email: the {} cannot stand in a mail", field),
              std::string{field});
}

}  // namespace

EmailChannel::EmailChannel(smtp::Client& client, const Clock& clock, Sender sender, WelcomeMail welcome,
                           std::chrono::milliseconds timeout, std::size_t concurrency)
    : client_(client),
      clock_(clock),
      sender_(std::move(sender)),
      message_id_domain_(domain_of(sender_)),
      welcome_(std::move(welcome)),
      timeout_(timeout),
      concurrency_(concurrency) {}

Result<void> EmailChannel::validate(const delivery::Notification& notification) const {
  if (!smtp::is_address(notification.recipient.reveal()))
    return fail(ErrorCode::kNotFound, "email: the recipient is no mailbox", "recipient");
  const auto& subject = notification.subject.reveal();
  if (!is_text(subject) || !is_one_line(subject)) return refuse("subject");
  if (!is_text(notification.text.reveal()) || (notification.text.empty() && notification.html.empty()))
    return refuse("content");
  if (!is_text(notification.html.reveal())) return refuse("html");
  return {};
}

asio::awaitable<Result<delivery::Receipt>> EmailChannel::send(const delivery::Notification& notification) {
  auto receipt = co_await client_.send(mail_of(notification));
  if (!receipt) co_return std::unexpected(std::move(receipt.error()));
  co_return delivery::Receipt{.provider_id = std::move(receipt->queue_id)};
}

asio::awaitable<Result<void>> EmailChannel::probe() { return client_.probe(); }

std::optional<delivery::Greeting> EmailChannel::greet(const delivery::Signup& signup) const {
  auto written = welcome_.write(signup.name, signup.locale);
  return delivery::Greeting{.recipient = Recipient{signup.email.reveal()},
                            .subject = std::move(written.subject),
                            .text = std::move(written.text),
                            .html = std::move(written.html),
                            .campaign_id = {}};
}

smtp::Mail EmailChannel::mail_of(const delivery::Notification& notification) const {
  const auto key =
      notification.idempotency_key.empty() ? notification.id.str() : notification.idempotency_key;
  return smtp::Mail{
      .message_id = fmt::format("{}@{}", key, message_id_domain_),
      .from = sender_.address,
      .from_name = sender_.name,
      .to = EmailAddress{notification.recipient.reveal()},
      .subject = notification.subject.empty() ? PrivateText{sender_.name.reveal()} : notification.subject,
      .text = notification.text,
      .html = notification.html,
      .extra = {{"Auto-Submitted", "auto-generated"}},
      .date = clock_.now()};
}

}  // namespace bongsu::email
