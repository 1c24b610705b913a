#include "job_api.hpp"

#include "job_view.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/rpc/pages.hpp>

#include <algorithm>

namespace bongsu::jobs {
namespace {

using rpc::Answer;
using rpc::Call;

const std::string kRead = "job.read";
const std::string kOperate = "job.operate";

Uuid uuid_of(const Sha256& hash) {
  std::array<unsigned char, 16> bytes{};
  std::copy_n(hash.begin(), bytes.size(), bytes.begin());
  return Uuid{bytes};
}

std::unexpected<rpc::Failure> no_such_job() {
  return rpc::refuse(ErrorCode::kNotFound, "job_not_found", "there is no such job");
}

/// A database that lost a race or is slow asks the caller to come again; the job's state is told by others.
rpc::Failure from_below(Error error) {
  if (error.code == ErrorCode::kConflict || error.code == ErrorCode::kTimeout ||
      error.code == ErrorCode::kCancelled) {
    error.code = ErrorCode::kUnavailable;
  }
  return rpc::Failure{std::move(error)};
}

Answer<std::vector<std::int16_t>> read_states(const v1::ListJobsRequest& request) {
  std::vector<std::int16_t> states;
  for (const auto state : request.states()) {
    if (!v1::Job::State_IsValid(state) || state == v1::Job::STATE_UNSPECIFIED)
      return rpc::refuse_fields({{"states", "unknown_state", "names a state that there is not"}});
    states.push_back(static_cast<std::int16_t>(state));
  }
  std::ranges::sort(states);
  const auto rest = std::ranges::unique(states);
  states.erase(rest.begin(), rest.end());
  return states;
}

std::string query_of(const std::vector<std::int16_t>& states) {
  std::string query{"ListJobs"};
  for (const auto state : states) query += "/" + std::to_string(state);
  return query;
}

Uuid id_in(const std::string& position) {
  std::array<unsigned char, 16> bytes{};
  std::copy_n(position.begin(), std::min(position.size(), bytes.size()), bytes.begin());
  return Uuid{bytes};
}

}  // namespace

template <class Request>
void JobApi::serve(Action action) {
  service_.unary<Request, v1::Job>(
      kOperate, [this, action](const Call&, const Request& request) { return act(request.name(), action); });
}

JobApi::JobApi(Parts parts) : parts_(std::move(parts)) {
  service_.unary<v1::CreateJobRequest, v1::Job>(kOperate, [this](Call call, v1::CreateJobRequest request) {
    return create(std::move(call), std::move(request));
  });
  service_.unary<v1::GetJobRequest, v1::Job>(
      kRead, [this](const Call&, const v1::GetJobRequest& request) { return get(request.name()); });
  service_.unary<v1::ListJobsRequest, v1::ListJobsResponse>(
      kRead, [this](const Call&, v1::ListJobsRequest request) { return list(std::move(request)); });
  service_.unary<v1::ListJobFailuresRequest, v1::ListJobFailuresResponse>(
      kRead,
      [this](const Call&, v1::ListJobFailuresRequest request) { return failures(std::move(request)); });
  service_.stream<v1::WatchJobRequest, v1::Job>(
      kRead, [this](const Call&, const v1::WatchJobRequest& request, rpc::Writer<v1::Job> writer) {
        return watch(request.name(), std::move(writer));
      });
  serve<v1::StartJobRequest>(Action::kStart);
  serve<v1::PauseJobRequest>(Action::kPause);
  serve<v1::ResumeJobRequest>(Action::kResume);
  serve<v1::CancelJobRequest>(Action::kCancel);
}

JobApi::Answered<Snapshot> JobApi::find(Uuid id) {
  auto found = co_await parts_.store.find(id);
  if (!found) co_return std::unexpected(from_below(found.error()));
  if (!*found) co_return no_such_job();
  co_return std::move(**found);
}

JobApi::Answered<v1::Job> JobApi::create(Call call, v1::CreateJobRequest request) {
  auto asked = read_new_job(request);
  if (!asked) co_return std::unexpected(std::move(asked.error()));
  const auto body = uuid_of(parts_.hash.of("jobs.create", body_of(request)));
  co_return co_await store(std::move(call), std::move(*asked), body);
}

JobApi::Answered<v1::Job> JobApi::store(Call call, NewJob asked, Uuid body) {
  const auto now = parts_.clock.now();
  Snapshot snapshot{
      .job = {.id = Uuid::v7(now, parts_.random),
              .version = 1,
              .state = asked.total ? (asked.hold ? State::kPlanned : State::kInProgress) : State::kCreated,
              .age_group = asked.age_group,
              .channel = asked.channel,
              .fallback = asked.fallback,
              .purpose = asked.purpose,
              .hold = asked.hold,
              .total = asked.total},
      .pages = {}};
  auto& job = snapshot.job;
  if (job.state == State::kInProgress) job.started_at = now;
  renew_control(job, snapshot.pages, now, parts_.credit);
  const Request request{.caller = call.caller.subject, .id = asked.request_id, .body = body};
  std::vector<outbox::Event> events;
  events.push_back(parts_.events.requested(job, asked.message, asked.as_of.value_or(now), now));
  events.push_back(parts_.events.control(job, now));
  const auto stored = co_await parts_.store.create(job, request, std::move(events));
  if (!stored) co_return std::unexpected(from_below(stored.error()));
  if (*stored) {
    log::info("job.created", {{"id", job.id}, {"state", name_of(job.state)}, {"hold", job.hold}});
    parts_.on_stored();
    parts_.overseer.note({job.id});
    co_return parts_.overseer.view(snapshot);
  }
  const auto before = co_await parts_.store.find_request(request);
  if (!before && before.error().code == ErrorCode::kAlreadyExists)
    co_return rpc::refuse(ErrorCode::kAlreadyExists, "request_id_reused",
                          "the request_id belongs to a job with another body; use a new one");
  if (!before) co_return std::unexpected(from_below(before.error()));
  if (!*before)
    co_return rpc::refuse(ErrorCode::kUnavailable, "in_progress", "the request is being stored; try again");
  auto first = co_await find(**before);
  if (!first) co_return std::unexpected(std::move(first.error()));
  co_return parts_.overseer.view(*first);
}

JobApi::Answered<v1::Job> JobApi::get(std::string name) {
  auto id = read_name(name);
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto found = co_await find(*id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return parts_.overseer.view(*found);
}

JobApi::Answered<v1::ListJobsResponse> JobApi::list(v1::ListJobsRequest request) {
  auto size = rpc::page_size_of(request.page_size());
  if (!size) co_return std::unexpected(std::move(size.error()));
  auto states = read_states(request);
  if (!states) co_return std::unexpected(std::move(states.error()));
  const auto query = query_of(*states);
  std::optional<Uuid> after;
  if (!request.page_token().empty()) {
    const auto position = rpc::read_page_token(request.page_token(), query);
    if (!position) co_return std::unexpected(position.error());
    after = id_in(*position);
  }
  const auto found = co_await parts_.store.list(after, *states, *size + 1);
  if (!found) co_return std::unexpected(from_below(found.error()));
  v1::ListJobsResponse response;
  const auto count = std::min(found->size(), static_cast<std::size_t>(*size));
  for (std::size_t i = 0; i < count; ++i) *response.add_jobs() = parts_.overseer.view((*found)[i]);
  if (found->size() > count) {
    response.set_next_page_token(rpc::make_page_token(query, (*found)[count - 1].job.id.view()));
  }
  co_return response;
}

JobApi::Answered<v1::Job> JobApi::act(std::string name, Action action) {
  auto id = read_name(name);
  if (!id) co_return std::unexpected(std::move(id.error()));
  const auto acted = co_await parts_.overseer.act(*id, action);
  if (acted) co_return parts_.overseer.view(*acted);
  const auto& error = acted.error();
  if (error.code == ErrorCode::kNotFound) co_return no_such_job();
  // An SQLSTATE stands in the detail of what the database says.
  if (error.code == ErrorCode::kConflict && error.detail.empty())
    co_return rpc::refuse(ErrorCode::kConflict, "job_state", error.message);
  co_return std::unexpected(from_below(error));
}

JobApi::Answered<v1::ListJobFailuresResponse> JobApi::failures(v1::ListJobFailuresRequest request) {
  auto id = read_name(request.parent(), "parent");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto size = rpc::page_size_of(request.page_size());
  if (!size) co_return std::unexpected(std::move(size.error()));
  const auto query = "ListJobFailures/" + id->str();
  std::string position = std::string(8, '\xFF');  // (-1, -1)
  if (!request.page_token().empty()) {
    auto read = rpc::read_page_token(request.page_token(), query);
    if (!read) co_return std::unexpected(std::move(read.error()));
    position = std::move(*read);
  }
  if (const auto job = co_await find(*id); !job) co_return std::unexpected(job.error());
  const auto page = postgres::get_integer<std::int32_t>(position);
  const auto index = postgres::get_integer<std::int32_t>(std::string_view{position}.substr(4));
  const auto found = co_await parts_.store.failures(*id, page, index, *size + 1);
  if (!found) co_return std::unexpected(from_below(found.error()));
  v1::ListJobFailuresResponse response;
  const auto count = std::min(found->size(), static_cast<std::size_t>(*size));
  for (std::size_t i = 0; i < count; ++i) {
    const auto& row = (*found)[i];
    auto& failure = *response.add_failures();
    failure.set_notification_id(row.notification_id.str());
    failure.set_recipient(row.recipient_masked);
    failure.set_reason(row.reason);
    failure.set_attempts(row.attempts);
    *failure.mutable_time() = events::to_proto(row.time);
  }
  if (found->size() > count) {
    std::string last;
    postgres::put_integer(last, (*found)[count - 1].page);
    postgres::put_integer(last, (*found)[count - 1].index);
    response.set_next_page_token(rpc::make_page_token(query, last));
  }
  co_return response;
}

}  // namespace bongsu::jobs
