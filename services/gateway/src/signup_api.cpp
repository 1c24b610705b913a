#include "signup_api.hpp"

#include "contact.hpp"
#include "drafts.hpp"
#include "field_errors.hpp"
#include "problems.hpp"

#include <bongsu/events/ids.hpp>

#include <boost/json.hpp>

namespace bongsu::gateway {
namespace {

constexpr std::string_view kOperation = "signup";

const http::Text kSignedUp{"가입이 완료되었습니다.", "You have signed up."};

Checked<Member> read(const http::Request& request, Timestamp now) {
  const auto json = http::Json::parse(request.body());
  if (!json) return std::unexpected(http::invalid_request(json.error()));
  http::ObjectReader reader{json->object()};
  const auto draft = read_member(reader);
  FieldErrors errors{reader.errors()};
  auto member = check(draft, date_in_seoul(now), errors);
  if (!errors.none()) return std::unexpected(http::invalid_request(errors.take()));
  return member;
}

/// What follows from the user id and the body: the first answer and every later one are the same.
boost::json::object data_of(const Uuid& user_id, const Member& member) {
  boost::json::array notifications;
  for (const auto channel : {events::Channel::kEmail, events::Channel::kCoupon}) {
    notifications.push_back(
        boost::json::object{{"channel", events::upper_name_of(channel)},
                            {"notificationId", events::notification_id(user_id, channel).str()}});
  }
  return {{"userId", user_id.str()},
          {"email", member.email.masked()},
          {"notifications", std::move(notifications)}};
}

http::Response answer(const Verdict& verdict, const Member& member, http::Language language) {
  switch (verdict.kind) {
    case Verdict::Kind::kTaken:
      return to_response(email_taken(), language);
    case Verdict::Kind::kBodyDiffers:
      return to_response(idempotency_conflict(), language);
    case Verdict::Kind::kInProgress:
      return to_response(in_progress(), language);
    case Verdict::Kind::kFailed:
      return to_response(problem_of_failure(verdict.error), language);
    default:
      break;
  }
  auto response = http::success(201, kSignedUp.in(language), data_of(verdict.id, member));
  if (verdict.kind == Verdict::Kind::kReplayed) set(response.headers, kReplayedHeader, "true");
  return response;
}

}  // namespace

void SignupApi::add_to(http::Router& router) {
  router.add(http::Method::kPost, "/api/signup", [this](http::Request& request) { return sign_up(request); });
}

asio::awaitable<http::Response> SignupApi::sign_up(http::Request& request) {
  const auto language = request.language();
  const auto key = idempotency_key(request);
  if (!key) co_return to_response(key.error(), language);
  const auto member = read(request, parts_.clock.now());
  if (!member) co_return to_response(member.error(), language);
  const auto verdict = co_await parts_.acceptor.accept(prepare(*member, *key, language, trace_of(request)));
  co_return answer(verdict, *member, language);
}

NewMember SignupApi::prepare(const Member& member, const std::string& key, http::Language language,
                             const std::optional<TraceContext>& trace) const {
  NewMember item;
  item.signed_up_at = parts_.clock.now();
  item.id = Uuid::v7(item.signed_up_at, parts_.random);
  item.member = member;
  item.body = parts_.fingerprints.body(fingerprint(member));
  item.identities.push_back(parts_.fingerprints.email(email_identity(member.email)));
  // Nobody is known who signs up: the keys of all of them are one caller's.
  if (!key.empty()) item.identities.push_back(parts_.fingerprints.key("", kOperation, key));
  item.locale = language == http::Language::kEnglish ? "en" : "ko";
  item.sealed = parts_.events.seal(member, item.id);
  item.event =
      parts_.events.signed_up({.user_id = item.id.str(), .at = item.signed_up_at, .locale = item.locale},
                              item.id, member, item.sealed, trace);
  return item;
}

}  // namespace bongsu::gateway
