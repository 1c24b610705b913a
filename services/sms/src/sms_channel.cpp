#include "sms_channel.hpp"

#include <bongsu/core/phone.hpp>
#include <bongsu/delivery/phone_message.hpp>
#include <bongsu/http/json.hpp>

namespace bongsu::sms {
namespace {

std::string body_of(const delivery::Notification& notification) {
  std::string json = R"({"phoneNumber":)";
  http::append_json_text(json, as_written_in_korea(notification.recipient.reveal()));
  json += R"(,"content":)";
  http::append_json_text(json, notification.text.reveal());
  json += '}';
  return json;
}

}  // namespace

SmsChannel::SmsChannel(http::Api& api) : api_(api), messages_(api.at("sms")) {}

Result<void> SmsChannel::validate(const delivery::Notification& notification) const {
  return delivery::check_phone_message(notification, "sms");
}

asio::awaitable<Result<delivery::Receipt>> SmsChannel::send(const delivery::Notification& notification) {
  const auto key =
      notification.idempotency_key.empty() ? notification.id.str() : notification.idempotency_key;
  auto response = co_await api_.post(messages_, key, body_of(notification));
  if (!response) co_return std::unexpected(std::move(response.error()));
  co_return delivery::Receipt{.provider_id = http::text_at(response->body, "smsId")};
}

asio::awaitable<Result<void>> SmsChannel::probe() { return api_.probe(); }

}  // namespace bongsu::sms
