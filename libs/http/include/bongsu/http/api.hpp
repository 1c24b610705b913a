#pragma once
#include <bongsu/http/client.hpp>

#include <string>
#include <string_view>

namespace bongsu::http {

/// How a provider's HTTP API is reached.
struct ApiSettings {
  std::string base_url;
  std::string username;  ///< empty: no Authorization
  std::string password;
  ClientSettings client;
};

/// What an answer other than 2xx means to who asked.
///
/// kUnavailable (5xx, 408, and whatever is no answer to a call), kRateLimited (429, with Retry-After),
/// kUnauthorized (401, 403), kRejected (other 4xx). `detail` is the status; the provider's words are not in
/// it. `sent` is maybe for 502 and 504: a gateway that lost the answer does not know either.
Error failure_of(const ClientResponse& response);

/// A provider's API: JSON, Basic authentication, an idempotency key, GET /health.
///
/// Errors: those of Client, and failure_of() for an answer other than 2xx.
/// Threads: the io_context's one thread. Lifetime: outlives its calls.
class Api {
 public:
  /// Errors: kInvalidArgument (the URL).
  static Result<Api> open(const asio::any_io_executor& executor, ApiSettings settings);

  /// Where `path` is, to be kept for calls.
  Url at(std::string_view path) const { return base_ / path; }
  /// One POST. The views need to hold only until the call is awaited; `url` outlives it.
  asio::awaitable<Result<ClientResponse>> post(const Url& url, std::string_view idempotency_key,
                                               std::string json);
  /// Whether GET /health says 2xx.
  asio::awaitable<Result<void>> probe();

  std::chrono::milliseconds timeout() const { return client_->settings().timeout; }
  /// Calls that can be under way at once without waiting for a connection.
  std::size_t connections() const { return client_->settings().connections; }

 private:
  Api(const asio::any_io_executor& executor, Url base, ApiSettings settings);

  Url base_;
  Url health_;
  std::string authorization_;
  std::unique_ptr<Client> client_;
};

/// The text at `name` of a JSON object; empty when there is none.
std::string text_at(std::string_view json, std::string_view name);

}  // namespace bongsu::http
