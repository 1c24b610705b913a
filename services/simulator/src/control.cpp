#include "control.hpp"

#include <bongsu/http/json.hpp>

#include <charconv>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace bongsu::simulator {
namespace {

constexpr std::size_t kUsualLimit = 1000;

http::Response json(std::string body) {
  return {.status = 200, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

http::Response done() { return {.status = 204, .content_type = {}, .body = {}, .headers = {}}; }

std::optional<std::size_t> limit_of(const http::Request& request) {
  const auto text = request.query("limit");
  if (!text) return kUsualLimit;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return limit;
}

void append(std::string& out, const Message& message) {
  out += out.size() > 1 ? ",{" : "{";
  const auto text = [&out](std::string_view name, std::string_view value) {
    out.append("\"").append(name).append("\":");
    http::append_json_text(out, value);
    out += ',';
  };
  text("channel", message.channel);
  text("recipient", message.recipient);
  text("content", message.content);
  text("idempotencyKey", message.idempotency_key);
  out.append("\"receivedAt\":").append(std::to_string(message.received_at.time_since_epoch().count()));
  out.append(",\"status\":").append(std::to_string(message.status)).append("}");
}

}  // namespace

http::Router Control::routes() {
  using http::Method;
  using http::Request;
  http::Router router;
  router.add(Method::kGet, "/control/stats", [this](Request&) { return stats(); });
  router.add(Method::kGet, "/control/messages", [this](Request& request) { return messages(request); });
  router.add(Method::kDelete, "/control/messages", [this](Request&) { return forget(); });
  const http::RouteOptions any_type{.media_type = ""};
  router.add(
      Method::kPut, "/control/faults", [this](Request& request) { return set_faults(request); }, any_type);
  router.add(Method::kDelete, "/control/faults", [this](Request&) { return clear_faults(); });
  router.add(
      Method::kPut, "/control/settings", [this](Request& request) { return set_behaviour(request); },
      any_type);
  return router;
}

asio::awaitable<http::Response> Control::stats() const {
  boost::json::object all;
  for (const auto* provider : providers_) {
    const auto& stats = provider->stats();
    const auto& channel = provider->dialect().channel;
    all[{channel.data(), channel.size()}] = {
        {"requests", stats.requests},        {"accepted", stats.accepted}, {"unique", stats.unique},
        {"duplicates", stats.duplicates},    {"rejected", stats.rejected}, {"inFlight", stats.in_flight},
        {"maxInFlight", stats.max_in_flight}};
  }
  co_return json(boost::json::serialize(all));
}

asio::awaitable<http::Response> Control::messages(const http::Request& request) const {
  const auto limit = limit_of(request);
  if (!limit) {
    co_return to_response(http::invalid_request(http::FieldError{
                              "limit", "wrong_type", {"정수여야 합니다.", "This must be a number."}}),
                          request.language());
  }
  const auto channel = request.query("channel");
  const auto recipient = request.query("recipient");
  std::string out = "[";
  log_.visit(
      *limit,
      [&](const Message& message) {
        return (!channel || message.channel == *channel) && (!recipient || message.recipient == *recipient);
      },
      [&](const Message& message) { append(out, message); });
  co_return json(out + "]");
}

asio::awaitable<http::Response> Control::forget() {
  log_.clear();
  for (auto* provider : providers_) provider->forget();
  co_return done();
}

asio::awaitable<http::Response> Control::set_faults(const http::Request& request) {
  auto faults = parse_faults(request.body());
  if (!faults) co_return to_response(http::invalid_request(faults.error()), request.language());
  faults_.set(std::move(*faults));
  co_return done();
}

asio::awaitable<http::Response> Control::clear_faults() {
  faults_.set({});
  co_return done();
}

/// What is not named stays as it is. With `channel` it holds for that one alone.
asio::awaitable<http::Response> Control::set_behaviour(const http::Request& request) {
  const auto parsed = http::Json::parse(request.body());
  if (!parsed) co_return to_response(http::invalid_request(parsed.error()), request.language());
  http::ObjectReader reader{parsed->object()};
  const auto channel = reader.choice("channel", {"kakao", "sms"}, false);
  const auto idempotent = reader.boolean("idempotent", false);
  const auto rate_limit = reader.integer("rateLimit", 0, 1'000'000'000, false);
  const auto delay = reader.integer("delayMs", 0, 3'600'000, false);
  reader.finish();
  if (!reader.ok()) co_return to_response(http::invalid_request(reader.errors()), request.language());
  for (auto* provider : providers_) {
    if (channel && provider->dialect().channel != (*channel == 0 ? kKakao : kSms).channel) continue;
    auto& behaviour = provider->behaviour();
    behaviour.idempotent = idempotent.value_or(behaviour.idempotent);
    behaviour.rate_limit = rate_limit.value_or(behaviour.rate_limit);
    if (delay) behaviour.delay = std::chrono::milliseconds{*delay};
  }
  co_return done();
}

}  // namespace bongsu::simulator
