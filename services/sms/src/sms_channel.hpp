#pragma once
#include <bongsu/delivery/channel.hpp>
#include <bongsu/http/api.hpp>

namespace bongsu::sms {

/// Sends SMS messages through the provider's HTTP API, one request for each call of send(). Trying again,
/// limiting, falling back and giving up belong to the delivery library.
///
/// Errors: kTimeout, kUnavailable (connection, 5xx), kRateLimited (429, with Retry-After), kUnauthorized
///   (401, 403), kRejected (other 4xx); kInvalidArgument where number or text break a rule of ours. `detail`
///   is the HTTP status, or the field's name.
/// Delivery: the notification's id travels as Idempotency-Key, so that a repeated call is harmless where the
///   provider honours it.
/// Threads: the io_context's one thread. Lifetime: `api` outlives the channel.
class SmsChannel final : public delivery::Channel {
 public:
  explicit SmsChannel(http::Api& api);

  Result<void> validate(const delivery::Notification& notification) const override;
  asio::awaitable<Result<delivery::Receipt>> send(const delivery::Notification& notification) override;
  asio::awaitable<Result<void>> probe() override;
  std::chrono::milliseconds timeout() const override { return api_.timeout(); }
  std::size_t concurrency() const override { return api_.connections(); }

 private:
  http::Api& api_;
  http::Url messages_;
};

}  // namespace bongsu::sms
