#include "kakao_channel.hpp"

#include <bongsu/core/phone.hpp>
#include <bongsu/delivery/phone_message.hpp>
#include <bongsu/http/json.hpp>

namespace bongsu::kakao {
namespace {

std::string body_of(const delivery::Notification& notification) {
  std::string json = R"({"recipient":)";
  http::append_json_text(json, as_written_in_korea(notification.recipient.reveal()));
  json += R"(,"message":)";
  http::append_json_text(json, notification.text.reveal());
  json += '}';
  return json;
}

}  // namespace

KakaoChannel::KakaoChannel(http::Api& api) : api_(api), messages_(api.at("kakaotalk-messages")) {}

Result<void> KakaoChannel::validate(const delivery::Notification& notification) const {
  return delivery::check_phone_message(notification, "kakao");
}

asio::awaitable<Result<delivery::Receipt>> KakaoChannel::send(const delivery::Notification& notification) {
  const auto key =
      notification.idempotency_key.empty() ? notification.id.str() : notification.idempotency_key;
  auto response = co_await api_.post(messages_, key, body_of(notification));
  if (!response) co_return std::unexpected(std::move(response.error()));
  co_return delivery::Receipt{.provider_id = http::text_at(response->body, "messageId")};
}

asio::awaitable<Result<void>> KakaoChannel::probe() { return api_.probe(); }

}  // namespace bongsu::kakao
