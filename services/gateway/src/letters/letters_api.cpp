#include "letters/letters_api.hpp"

#include "call_problems.hpp"
#include "letters/letter_data.hpp"
#include "letters/letter_request.hpp"

#include <bongsu/core/uuid.hpp>
#include <bongsu/events/codec.hpp>

#include <boost/json.hpp>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;
using deadletters::v1::Replay;

constexpr std::string_view kReadRole = "deadletter.read";
constexpr std::string_view kReplayRole = "deadletter.replay";
constexpr std::string_view kPlanOperation = "replays";
constexpr std::string_view kExecuteOperation = "replays/execute";
constexpr std::chrono::milliseconds kPatience = 3s;
/// Freezing a million letters takes a while.
constexpr std::chrono::milliseconds kPlanPatience = 30s;

const http::Text kListed{"실패 건 조회 성공", "The dead letters were found."};
const http::Text kPlanned{"재처리 계획이 만들어졌습니다. 아직 아무것도 발송되지 않았습니다.",
                          "The replay is planned. Nothing has been sent yet."};
const http::Text kStarted{"재처리가 시작되었습니다.", "The replay has started."};
const http::Text kFound{"재처리 상태 조회 성공", "The replay was found."};

std::string token_of(const http::Request& request) { return std::string{*request.bearer_token()}; }

/// A query has no "filter" around its fields.
rpc::Failure in_query(rpc::Failure failure) {
  constexpr std::string_view kAround = "filter.";
  for (auto& violation : failure.fields) {
    if (violation.field.starts_with(kAround)) violation.field.erase(0, kAround.size());
  }
  return failure;
}

}  // namespace

void LettersApi::add_to(http::Router& router) {
  router.add(http::Method::kGet, "/api/admin/failures",
             [this](http::Request& request) { return list(request); });
  router.add(http::Method::kPost, "/api/admin/replays",
             [this](http::Request& request) { return plan(request); });
  router.add(http::Method::kPost, "/api/admin/replays/{replayId}/execute",
             [this](http::Request& request) { return execute(request); });
  router.add(http::Method::kGet, "/api/admin/replays/{replayId}",
             [this](http::Request& request) { return show(request); });
}

Checked<Repeatable> LettersApi::repeatable(const http::Request& request, std::string_view subject,
                                           std::string_view operation,
                                           const google::protobuf::Message& asked) const {
  const auto key = idempotency_key(request);
  if (!key) return std::unexpected(key.error());
  return parts_.fingerprints.repeatable(subject, operation, *key, events::encode(asked));
}

template <class Request>
asio::awaitable<Checked<std::string>> LettersApi::ask_for_replay(Request request, http::Language language,
                                                                 std::string token) {
  constexpr bool kPlans = std::is_same_v<Request, deadletters::v1::CreateReplayRequest>;
  const auto replay = co_await parts_.deadletters.call<Replay>(
      request, {.timeout = kPlans ? kPlanPatience : kPatience, .token = std::move(token)});
  if (!replay) co_return std::unexpected(problem_of_call(replay.error()));
  co_return boost::json::serialize(data_of(*replay, language));
}

asio::awaitable<http::Response> LettersApi::list(http::Request& request) {
  const auto language = request.language();
  const auto caller = authorize(request, parts_.tokens, kReadRole, parts_.clock.now());
  if (!caller) co_return to_response(caller.error(), language);
  const auto asked = read_list(request);
  if (!asked) co_return to_response(asked.error(), language);
  const auto page = co_await parts_.deadletters.call<deadletters::v1::ListDeadLettersResponse>(
      *asked, {.timeout = kPatience, .token = token_of(request)});
  if (!page) co_return to_response(problem_of_call(in_query(page.error())), language);
  co_return http::success(200, kListed.in(language), data_of(*page));
}

asio::awaitable<http::Response> LettersApi::plan(http::Request& request) {
  const auto language = request.language();
  const auto caller = authorize(request, parts_.tokens, kReplayRole, parts_.clock.now());
  if (!caller) co_return to_response(caller.error(), language);
  auto asked = read_plan(request.body());
  if (!asked) co_return to_response(asked.error(), language);
  const auto key = repeatable(request, caller->subject, kPlanOperation, *asked);
  if (!key) co_return to_response(key.error(), language);
  co_return co_await parts_.answers.once(*key, {201, kPlanned}, language,
                                         ask_for_replay(std::move(*asked), language, token_of(request)));
}

asio::awaitable<http::Response> LettersApi::execute(http::Request& request) {
  const auto language = request.language();
  const auto caller = authorize(request, parts_.tokens, kReplayRole, parts_.clock.now());
  if (!caller) co_return to_response(caller.error(), language);
  const auto id = Uuid::parse(request.path_parameter("replayId"));
  if (!id) co_return to_response(http::not_found(), language);
  auto asked = read_execution(id->str(), request.body());
  if (!asked) co_return to_response(asked.error(), language);
  const auto key = repeatable(request, caller->subject, kExecuteOperation, *asked);
  if (!key) co_return to_response(key.error(), language);
  co_return co_await parts_.answers.once(*key, {202, kStarted}, language,
                                         ask_for_replay(std::move(*asked), language, token_of(request)));
}

asio::awaitable<http::Response> LettersApi::show(http::Request& request) {
  const auto language = request.language();
  const auto caller = authorize(request, parts_.tokens, kReadRole, parts_.clock.now());
  if (!caller) co_return to_response(caller.error(), language);
  const auto id = Uuid::parse(request.path_parameter("replayId"));
  if (!id) co_return to_response(http::not_found(), language);
  deadletters::v1::GetReplayRequest asked;
  asked.set_name(std::string{kReplayPrefix} + id->str());
  const auto replay =
      co_await parts_.deadletters.call<Replay>(asked, {.timeout = kPatience, .token = token_of(request)});
  if (!replay) co_return to_response(problem_of_call(replay.error()), language);
  co_return http::success(200, kFound.in(language), data_of(*replay, language));
}

}  // namespace bongsu::gateway
