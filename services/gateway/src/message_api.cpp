#include "message_api.hpp"

#include "drafts.hpp"
#include "field_errors.hpp"
#include "known_keys.hpp"
#include "problems.hpp"

#include <bongsu/events/ids.hpp>

namespace bongsu::gateway {
namespace {

constexpr std::string_view kOperation = "messages";
/// A clientMessageId is a key as well, whichever way the message comes.
constexpr std::string_view kClientOperation = "client-message-id";

const http::Text kAccepted{"메시지가 접수되었습니다.", "The message has been accepted."};

Checked<Message> read(const http::Request& request) {
  const auto json = http::Json::parse(request.body());
  if (!json) return std::unexpected(http::invalid_request(json.error()));
  http::ObjectReader reader{json->object()};
  auto draft = read_message(reader);
  FieldErrors errors{reader.errors()};
  auto message = check(std::move(draft), errors);
  if (!errors.none()) return std::unexpected(http::invalid_request(errors.take()));
  return message;
}

http::Problem too_late() {
  FieldErrors errors;
  errors.add("expiresAt", "in_the_past");
  return http::invalid_request(errors.take());
}

}  // namespace

NewMessage prepare(const MessageParts& parts, const Message& message, const std::string& caller,
                   const std::string& key, const std::optional<TraceContext>& trace) {
  const auto now = parts.clock.now();
  NewMessage item;
  item.id = Uuid::v7(now, parts.random);
  item.notification_id = events::notification_id(item.id, message.channel);
  item.channel = message.channel;
  item.caller = caller;
  item.body = parts.fingerprints.body(fingerprint(message));
  item.identities.push_back(parts.fingerprints.key(caller, kClientOperation, message.client_message_id));
  if (!key.empty()) item.identities.push_back(parts.fingerprints.key(caller, kOperation, key));
  item.event = parts.events.requested(message, item.id, item.notification_id, now, trace);
  return item;
}

void MessageApi::add_to(http::Router& router) {
  router.add(http::Method::kPost, "/api/messages", [this](http::Request& request) { return send(request); });
}

asio::awaitable<http::Response> MessageApi::send(http::Request& request) {
  const auto language = request.language();
  const auto now = parts_.clock.now();
  const auto caller = authorize(request, parts_.tokens, kSendRole, now);
  if (!caller) co_return to_response(caller.error(), language);
  const auto key = idempotency_key(request);
  if (!key) co_return to_response(key.error(), language);
  const auto message = read(request);
  if (!message) co_return to_response(message.error(), language);

  auto item = prepare(parts_, *message, caller->subject, *key, trace_of(request));
  const auto second_key = key->empty() ? std::nullopt : std::optional{item.identities.back()};
  const auto body = item.body;
  std::optional<Verdict> verdict;
  if (expired(*message, now)) {
    verdict = co_await recall(item);
    if (!verdict) co_return to_response(too_late(), language);
  } else {
    verdict = co_await parts_.acceptor.accept(std::move(item));
  }
  if (second_key && verdict->kind == Verdict::Kind::kReplayed) co_await note_key(*second_key, body, *verdict);
  co_return answer(*verdict, language);
}

/// The answer of a message that was accepted when there still was time; nothing: it never was.
asio::awaitable<std::optional<Verdict>> MessageApi::recall(const NewMessage& item) {
  const auto deadline = std::chrono::steady_clock::now() + Acceptor<NewMessage>::kPatience;
  const MessageStore::Items items{&item};
  auto known = co_await parts_.store.look_up(items, deadline);
  if (!known) co_return Verdict{.kind = Verdict::Kind::kFailed, .id = {}, .error = known.error()};
  co_return known->front();
}

/// Known by its clientMessageId: from now on the Idempotency-Key belongs to this body as well.
asio::awaitable<void> MessageApi::note_key(Uuid key, Uuid body, Verdict& verdict) {
  const auto noted = co_await remember_key(parts_.pool, key, {.body = body, .id = verdict.id, .answer = {}},
                                           std::chrono::milliseconds{500});
  if (!noted) verdict = {Verdict::Kind::kFailed, {}, noted.error()};
}

http::Response MessageApi::answer(const Verdict& verdict, http::Language language) const {
  switch (verdict.kind) {
    case Verdict::Kind::kBodyDiffers:
    case Verdict::Kind::kTaken:
      return to_response(idempotency_conflict(), language);
    case Verdict::Kind::kInProgress:
      return to_response(in_progress(), language);
    case Verdict::Kind::kFailed:
      return to_response(problem_of_failure(verdict.error), language);
    default:
      break;
  }
  auto response = http::success(202, kAccepted.in(language),
                                R"({"messageId":")" + verdict.id.str() + R"(","status":"ACCEPTED"})");
  if (verdict.kind == Verdict::Kind::kReplayed) set(response.headers, kReplayedHeader, "true");
  return response;
}

}  // namespace bongsu::gateway
