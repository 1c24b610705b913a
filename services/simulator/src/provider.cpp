#include "provider.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/http/client.hpp>
#include <bongsu/http/json.hpp>

#include <boost/json/object.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>

namespace bongsu::simulator {
namespace {

constexpr std::chrono::seconds kWindow{60};
constexpr std::size_t kGeneration = 1'000'000;

/// UUIDs as they are, other keys by their hash.
Uuid digest_of(std::string_view key) {
  if (auto id = Uuid::parse(key)) return *id;
  const auto hash = sha256(key);
  std::array<unsigned char, 16> bytes{};
  std::copy_n(hash.begin(), bytes.size(), bytes.begin());
  return Uuid{bytes};
}

/// A text of the body, or nothing.
std::optional<std::string_view> text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string() || value->get_string().empty()) return std::nullopt;
  return std::string_view{value->get_string().data(), value->get_string().size()};
}

}  // namespace

const Dialect kKakao{.channel = "kakao",
                     .path = "/kakaotalk-messages",
                     .recipient_field = "recipient",
                     .content_field = "message",
                     .id_field = "messageId",
                     .username = "autoever",
                     .password = "1234"};
const Dialect kSms{.channel = "sms",
                   .path = "/sms",
                   .recipient_field = "phoneNumber",
                   .content_field = "content",
                   .id_field = "smsId",
                   .username = "autoever",
                   .password = "5678"};

struct SeenKeys::Sets {
  boost::unordered_flat_set<Uuid, std::hash<Uuid>> latest;
  boost::unordered_flat_set<Uuid, std::hash<Uuid>> before;
};
SeenKeys::SeenKeys() : sets_(std::make_unique<Sets>()) {}
SeenKeys::~SeenKeys() = default;
void SeenKeys::clear() { *sets_ = {}; }
bool SeenKeys::add(const Uuid& key) {
  if (sets_->before.contains(key) || !sets_->latest.insert(key).second) return false;
  if (sets_->latest.size() >= kGeneration) sets_->before = std::exchange(sets_->latest, {});
  return true;
}

Provider::Provider(const Dialect& dialect, Faults& faults, MessageLog& log, const Clock& clock)
    : dialect_(dialect),
      faults_(faults),
      log_(log),
      clock_(clock),
      authorization_(http::basic_auth(dialect.username, dialect.password)) {}

http::Router Provider::routes() {
  http::Router router;
  router.add(http::Method::kPost, dialect_.path, [this](http::Request& request) { return receive(request); });
  router.add(http::Method::kGet, "/health", [this](http::Request&) { return health(); });
  return router;
}

void Provider::forget() {
  stats_ = {.in_flight = stats_.in_flight, .max_in_flight = stats_.in_flight};
  keys_.clear();
  accepted_at_.clear();
}

asio::awaitable<http::Response> Provider::receive(http::Request& request) {
  stats_.max_in_flight = std::max(stats_.max_in_flight, ++stats_.in_flight);
  auto [response, delay] = decide(request);
  if (delay.count() > 0) co_await sleep_for(delay);
  --stats_.in_flight;
  co_return std::move(response);
}

asio::awaitable<http::Response> Provider::health() const {
  if (const auto fault = faults_.strike(dialect_.channel, std::nullopt)) {
    auto [response, delay] = strike(*fault);
    if (delay.count() > 0) co_await sleep_for(delay);
    if (response.cut || response.status != 200) co_return std::move(response);
  }
  co_return http::Response{
      .status = 200, .content_type = "application/json", .body = R"({"status":"UP"})", .headers = {}};
}

Provider::Decision Provider::decide(const http::Request& request) {
  ++stats_.requests;
  Message message{.channel = dialect_.channel,
                  .idempotency_key = request.header("idempotency-key").value_or(""),
                  .received_at = clock_.now()};
  const auto json = http::Json::parse(request.body());
  const auto recipient = json ? text_of(json->object(), dialect_.recipient_field) : std::nullopt;
  const auto content = json ? text_of(json->object(), dialect_.content_field) : std::nullopt;
  message.recipient = recipient.value_or("");
  message.content = content.value_or("");
  auto decision = [&]() -> Decision {
    if (request.header("authorization") != authorization_) return {refuse(401)};
    if (!recipient || !content) return {refuse(400)};
    std::chrono::milliseconds more{0};
    if (const auto fault = faults_.strike(dialect_.channel, recipient)) {
      auto struck = strike(*fault);
      if (struck.response.cut || struck.response.status != 200) return struck;
      more = struck.delay;
    }
    if (const auto wait = wait_for_the_limit()) return {refuse(429, wait->count())};
    auto accepted = accept(request);
    accepted.delay += more;
    return accepted;
  }();
  const bool accepted = !decision.response.cut && decision.response.status == 200;
  ++(accepted ? stats_.accepted : stats_.rejected);
  message.status = decision.response.cut ? 0 : decision.response.status;
  log_.add(message);
  decision.delay += behaviour_.delay;
  return decision;
}

/// A fault that only delays is answered as if there were none, later.
Provider::Decision Provider::strike(const Fault& fault) const {
  Decision decision{.response = refuse(fault.status == 0 ? 200 : fault.status, fault.retry_after),
                    .delay = fault.delay};
  decision.response.cut = fault.drop;
  return decision;
}

Provider::Decision Provider::accept(const http::Request& request) {
  const auto key = request.header("idempotency-key");
  std::string id;
  if (key) {
    const auto digest = digest_of(*key);
    ++(keys_.add(digest) ? stats_.unique : stats_.duplicates);
    if (behaviour_.idempotent) id = digest.str();
  }
  if (id.empty()) id = std::to_string(++ids_);
  http::Response response{.status = 200, .content_type = "application/json", .body = {}, .headers = {}};
  response.body = fmt::format(R"({{"{}":"{}-{}"}})", dialect_.id_field, dialect_.channel, id);
  return {std::move(response)};
}

/// How long until another may be accepted; nothing: this one may.
std::optional<std::chrono::seconds> Provider::wait_for_the_limit() {
  if (behaviour_.rate_limit == 0) return std::nullopt;
  const auto now = clock_.monotonic();
  while (!accepted_at_.empty() && accepted_at_.front() + kWindow <= now) accepted_at_.pop_front();
  if (std::ssize(accepted_at_) < behaviour_.rate_limit) {
    accepted_at_.push_back(now);
    return std::nullopt;
  }
  return std::chrono::ceil<std::chrono::seconds>(accepted_at_.front() + kWindow - now);
}

http::Response Provider::refuse(int status, std::optional<std::int64_t> retry_after) {
  http::Response response{.status = status,
                          .content_type = "application/json",
                          .body = fmt::format(R"({{"status":{}}})", status),
                          .headers = {}};
  if (retry_after) response.headers.push_back({"Retry-After", std::to_string(*retry_after)});
  return response;
}

}  // namespace bongsu::simulator
