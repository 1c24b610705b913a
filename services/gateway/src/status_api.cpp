#include "status_api.hpp"

#include "history.hpp"
#include "message_api.hpp"
#include "problems.hpp"

#include <boost/json.hpp>

namespace bongsu::gateway {
namespace {

const http::Text kFound{"메시지 조회 성공", "The message was found."};

boost::json::object entry_of(const Attempt& attempt) {
  boost::json::object entry{{"time", to_rfc3339(attempt.time)},
                            {"channel", events::upper_name_of(attempt.channel)},
                            {"attempt", attempt.attempt},
                            {"tries", attempt.tries},
                            {"outcome", events::v1::DeliveryResult_Outcome_Name(attempt.outcome)}};
  if (!attempt.reason.empty()) entry["reason"] = attempt.reason;
  return entry;
}

boost::json::object data_of(const Uuid& id, const Tracked& tracked) {
  const auto summary = summarise(tracked.notification_id, tracked.progress, tracked.attempts);
  boost::json::object data{{"messageId", id.str()},
                           {"status", name_of(summary.status)},
                           {"channel", events::upper_name_of(tracked.channel)},
                           {"attempts", summary.attempts}};
  if (!summary.last_error.empty()) data["lastError"] = summary.last_error;
  boost::json::array history;
  for (const auto& attempt : tracked.attempts) history.push_back(entry_of(attempt));
  data["history"] = std::move(history);
  return data;
}

}  // namespace

void StatusApi::add_to(http::Router& router) {
  router.add(http::Method::kGet, "/api/messages/{id}",
             [this](http::Request& request) { return show(request); });
}

asio::awaitable<http::Response> StatusApi::show(http::Request& request) {
  const auto language = request.language();
  const auto caller = authorize(request, tokens_, kSendRole, clock_.now());
  if (!caller) co_return to_response(caller.error(), language);
  const auto id = Uuid::parse(request.path_parameter("id"));
  if (!id) co_return to_response(http::not_found(), language);
  const auto tracked = co_await find_message(pool_, *id);
  if (!tracked) co_return to_response(problem_of_failure(tracked.error()), language);
  if (!*tracked) co_return to_response(http::not_found(), language);
  co_return http::success(200, kFound.in(language), data_of(*id, **tracked));
}

}  // namespace bongsu::gateway
