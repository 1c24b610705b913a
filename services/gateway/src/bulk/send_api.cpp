#include "bulk/send_api.hpp"

#include "call_problems.hpp"
#include "json_values.hpp"
#include "problems.hpp"

#include <bongsu/events/codec.hpp>
#include <bongsu/http/json.hpp>
#include <bongsu/jobs/v1/jobs.pb.h>

#include <boost/json.hpp>

namespace bongsu::gateway {
namespace {

using namespace std::chrono_literals;
using jobs::v1::Job;

constexpr std::string_view kOperateRole = "job.operate";
constexpr std::string_view kReadRole = "job.read";
constexpr std::string_view kOperation = "messages/send";
constexpr std::string_view kNamePrefix = "jobs/";
constexpr std::chrono::milliseconds kPatience = 3s;

const http::Text kStarted{"대량 메시지 발송이 시작되었습니다.", "The bulk message is being sent."};
const http::Text kFound{"작업 상태 조회 성공", "The job was found."};

Checked<BulkOrder> read(const http::Request& request) {
  const auto json = http::Json::parse(request.body());
  if (!json) return std::unexpected(http::invalid_request(json.error()));
  http::ObjectReader reader{json->object()};
  auto draft = read_bulk(reader);
  FieldErrors errors{reader.errors()};
  auto order = check(std::move(draft), errors);
  if (!errors.none()) return std::unexpected(http::invalid_request(errors.take()));
  return order;
}

std::string id_of(const Job& job) { return job.name().substr(kNamePrefix.size()); }

std::string duration_of(const google::protobuf::Duration& duration) {
  return to_iso8601(std::chrono::seconds{duration.seconds()} +
                    std::chrono::milliseconds{duration.nanos() / 1'000'000});
}

/// How long it has been going on, or has taken.
std::string elapsed(const Job& job, Timestamp now) {
  const auto start = job.has_start_time() ? events::from_proto(job.start_time()) : std::nullopt;
  if (!start) return to_iso8601(0ms);
  const auto end = job.has_complete_time() ? events::from_proto(job.complete_time()) : std::nullopt;
  return to_iso8601(end.value_or(now) - *start);
}

std::string started_data(const Job& job) {
  return boost::json::serialize(
      boost::json::object{{"jobId", id_of(job)},
                          {"totalUsers", job.total_count()},
                          {"estimatedDuration", duration_of(job.estimated_duration())},
                          {"status", "IN_PROGRESS"}});
}

boost::json::object status_data(const Job& job, Timestamp now) {
  return {{"jobId", id_of(job)},
          {"status", jobs::v1::Job_State_Name(job.state())},
          {"totalUsers", job.total_count()},
          {"successCount", job.success_count()},
          {"failureCount", job.failure_count()},
          {"suppressedCount", job.suppressed_count()},
          {"unknownCount", job.unknown_count()},
          {"pendingCount", job.pending_count()},
          {"startedAt", time_or_null(job.has_start_time(), job.start_time())},
          {"completedAt", time_or_null(job.has_complete_time(), job.complete_time())},
          {"duration", elapsed(job, now)}};
}

}  // namespace

void SendApi::add_to(http::Router& router) {
  router.add(http::Method::kPost, "/api/admin/messages/send",
             [this](http::Request& request) { return send(request); });
  router.add(http::Method::kGet, "/api/admin/messages/send/{jobId}/status",
             [this](http::Request& request) { return status(request); });
}

asio::awaitable<http::Response> SendApi::send(http::Request& request) {
  const auto language = request.language();
  const auto caller = authorize(request, parts_.tokens, kOperateRole, parts_.clock.now());
  if (!caller) co_return to_response(caller.error(), language);
  const auto key_text = idempotency_key(request);
  if (!key_text) co_return to_response(key_text.error(), language);
  auto order = read(request);
  if (!order) co_return to_response(order.error(), language);

  const auto repeatable =
      parts_.fingerprints.repeatable(caller->subject, kOperation, *key_text, fingerprint(*order));
  const auto request_id = repeatable.key.value_or(Uuid::v7(parts_.clock.now(), parts_.random)).str();
  co_return co_await parts_.answers.once(
      repeatable, {202, kStarted}, language,
      create(std::move(*order), request_id, std::string{*request.bearer_token()}));
}

asio::awaitable<Checked<std::string>> SendApi::create(BulkOrder order, std::string request_id,
                                                      std::string token) {
  const auto now = parts_.clock.now();
  const auto census = co_await parts_.store.count(
      order.age_group, needs_of(order.channel, order.purpose, now), date_in_seoul(now), std::nullopt);
  if (!census) co_return std::unexpected(problem_of_failure(census.error()));

  jobs::v1::CreateJobRequest request;
  auto& job = *request.mutable_job();
  job.set_age_group(std::string{events::name_of(order.age_group)});
  job.set_channel(std::string{events::upper_name_of(order.channel)});
  job.set_fallback(order.fallback ? std::string{events::upper_name_of(*order.fallback)} : "NONE");
  job.set_message(order.message.reveal());
  request.set_request_id(std::move(request_id));
  request.set_purpose(std::string{events::name_of(order.purpose)});
  request.set_total_count(census->total);
  *request.mutable_as_of() = events::to_proto(census->as_of);
  const auto created =
      co_await parts_.jobs.call<Job>(request, {.timeout = kPatience, .token = std::move(token)});
  if (!created) co_return std::unexpected(problem_of_call(created.error()));
  co_return started_data(*created);
}

asio::awaitable<http::Response> SendApi::status(http::Request& request) {
  const auto language = request.language();
  const auto now = parts_.clock.now();
  const auto caller = authorize(request, parts_.tokens, kReadRole, now);
  if (!caller) co_return to_response(caller.error(), language);
  const auto id = Uuid::parse(request.path_parameter("jobId"));
  if (!id) co_return to_response(http::not_found(), language);
  jobs::v1::GetJobRequest asked;
  asked.set_name(std::string{kNamePrefix} + id->str());
  const auto job = co_await parts_.jobs.call<Job>(
      asked, {.timeout = kPatience, .token = std::string{*request.bearer_token()}});
  if (!job) co_return to_response(problem_of_call(job.error()), language);
  co_return http::success(200, kFound.in(language), status_data(*job, now));
}

}  // namespace bongsu::gateway
