#include <bongsu/http/api.hpp>
#include <bongsu/http/json.hpp>

#include <boost/json/object.hpp>

namespace bongsu::http {
namespace {

ErrorCode code_of(int status) {
  if (status == 429) return ErrorCode::kRateLimited;
  if (status == 401 || status == 403) return ErrorCode::kUnauthorized;
  if (status >= 400 && status < 500 && status != 408) return ErrorCode::kRejected;
  return ErrorCode::kUnavailable;
}

}  // namespace

Error failure_of(const ClientResponse& response) {
  const auto status = std::to_string(response.status);
  const bool lost = response.status == 502 || response.status == 504;
  return {.code = code_of(response.status),
          .message = "http: the provider answered " + status,
          .detail = status,
          .sent = lost ? Sent::kMaybe : Sent::kNo,
          .retry_after = response.retry_after()};
}

Api::Api(const asio::any_io_executor& executor, Url base, ApiSettings settings)
    : base_(std::move(base)),
      health_(base_ / "health"),
      authorization_(settings.username.empty() ? "" : basic_auth(settings.username, settings.password)),
      client_(std::make_unique<Client>(executor, std::move(settings.client))) {}

Result<Api> Api::open(const asio::any_io_executor& executor, ApiSettings settings) {
  auto base = Url::parse(settings.base_url);
  if (!base) return std::unexpected(std::move(base.error()));
  return Api{executor, std::move(*base), std::move(settings)};
}

asio::awaitable<Result<ClientResponse>> Api::post(const Url& url, std::string_view idempotency_key,
                                                  std::string json) {
  ClientRequest request{Method::kPost, url};
  if (!authorization_.empty()) request.header("Authorization", authorization_);
  request.header("Idempotency-Key", idempotency_key).body("application/json", std::move(json));
  auto response = co_await client_->send(request);
  if (response && response->status / 100 != 2) co_return std::unexpected(failure_of(*response));
  co_return response;
}

asio::awaitable<Result<void>> Api::probe() {
  const ClientRequest request{Method::kGet, health_};
  auto response = co_await client_->send(request);
  if (!response) co_return std::unexpected(std::move(response.error()));
  if (response->status / 100 != 2) co_return std::unexpected(failure_of(*response));
  co_return Result<void>{};
}

std::string text_at(std::string_view json, std::string_view name) {
  const auto parsed = Json::parse(json);
  if (!parsed) return {};
  const auto* value = parsed->object().if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return {};
  const auto& text = value->get_string();
  return {text.data(), text.size()};
}

}  // namespace bongsu::http
