#include "jobs_world.hpp"

#include <bongsu/core/time.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/ids.hpp>

#include <stdexcept>

#include <poll.h>

namespace bongsu::jobs {
namespace {

using namespace std::chrono_literals;
using events::v1::DeliveryResult;
using events::v1::JobControl;

using support::good;

void pause() { ::poll(nullptr, 0, 20); }

}  // namespace

bool adds_up(const v1::Job& job) {
  return job.pending_count() >= 0 && job.total_count() == job.success_count() + job.failure_count() +
                                                              job.suppressed_count() + job.unknown_count() +
                                                              job.pending_count();
}

v1::CreateJobRequest JobsWorld::request(std::optional<std::int64_t> total) {
  v1::CreateJobRequest request;
  request.mutable_job()->set_age_group("TWENTIES");
  request.mutable_job()->set_message("안녕하세요, {{name}}님: 비밀 세일");
  if (total) request.set_total_count(*total);
  return request;
}

std::string JobsWorld::create(std::optional<std::int64_t> total, bool hold) {
  auto asked = request(total);
  asked.set_hold(hold);
  const auto job = ask<v1::Job>(asked);
  if (!job) throw std::runtime_error{"not created: " + job.error().message};
  return job->name().substr(5);
}

v1::Job JobsWorld::get(const std::string& job) {
  v1::GetJobRequest request;
  request.set_name("jobs/" + job);
  const auto found = ask<v1::Job>(request);
  if (!found) throw std::runtime_error{"not read: " + found.error().message};
  return *found;
}

v1::Job JobsWorld::until(const std::string& job, const std::function<bool(const v1::Job&)>& holds,
                         std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    auto now = get(job);
    if (!adds_up(now)) throw std::runtime_error{"the counts do not add up: " + now.ShortDebugString()};
    if (holds(now)) return now;
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"not in time; the job is " + now.ShortDebugString() + "\n" + log_of()};
    pause();
  }
}

kafka::Record JobsWorld::event(const std::string& topic, std::string_view type, const std::string& key,
                               const google::protobuf::Message& value) const {
  return {.topic = topic,
          .key = key,
          .value = events::encode(value),
          .headers = events::make_headers(
              {.id = "1", .source = "/test", .type = std::string{type}, .time = SystemClock{}.now()})};
}

kafka::Record JobsWorld::count(const std::string& job, std::uint64_t total,
                               const std::map<std::string, std::uint64_t>& suppressed) const {
  events::v1::BulkPlanned planned;
  planned.set_job_id(job);
  planned.mutable_count()->set_total(total);
  for (const auto& [reason, number] : suppressed) {
    auto& one = *planned.mutable_count()->add_suppressed();
    one.set_reason(reason);
    one.set_count(number);
  }
  return event(topics().bulk_planned(), events::type::kBulkPlanned, job, planned);
}

kafka::Record JobsWorld::page(const std::string& job, std::uint32_t page, std::uint32_t size, bool last,
                              const std::map<std::uint32_t, std::string>& suppressed) const {
  events::v1::BulkPlanned planned;
  planned.set_job_id(job);
  planned.mutable_page()->set_page(page);
  planned.mutable_page()->set_size(size);
  planned.mutable_page()->set_last(last);
  for (const auto& [index, reason] : suppressed) {
    auto& one = *planned.mutable_page()->add_suppressed();
    one.set_index(index);
    one.set_reason(reason);
  }
  return event(topics().bulk_planned(), events::type::kBulkPlanned, job, planned);
}

DeliveryResult JobsWorld::result(const std::string& job, std::uint32_t page, std::uint32_t index,
                                 DeliveryResult::Outcome outcome, std::uint32_t generation) const {
  DeliveryResult result;
  const auto id = *Uuid::parse(job);
  result.set_notification_id(events::bulk_notification_id(id,
                                                          std::to_string(page) + "/" + std::to_string(index),
                                                          events::Channel::kKakao)
                                 .str());
  result.set_recipient_masked("***-****-5678");
  result.set_channel(events::v1::KAKAO);
  result.set_outcome(outcome);
  if (outcome == DeliveryResult::DEAD) result.set_reason("timeout");
  if (outcome == DeliveryResult::SUPPRESSED) result.set_reason("cancelled");
  result.set_generation(generation);
  result.set_attempt(3);
  result.set_final(outcome != DeliveryResult::RETRYING && outcome != DeliveryResult::HELD);
  result.set_job_id(job);
  result.set_page(page);
  result.set_index(index);
  *result.mutable_time() = events::to_proto(SystemClock{}.now());
  return result;
}

kafka::Record JobsWorld::record(const DeliveryResult& result) const {
  return event(topics().result(), events::type::kDeliveryResult,
               result.job_id() + "/" + std::to_string(result.page()), result);
}

std::vector<kafka::Record> JobsWorld::results(const std::string& job, std::uint32_t page, std::uint32_t first,
                                              std::uint32_t last, DeliveryResult::Outcome outcome,
                                              std::uint32_t generation) const {
  std::vector<kafka::Record> records;
  records.reserve(last - first);
  for (auto index = first; index < last; ++index)
    records.push_back(record(result(job, page, index, outcome, generation)));
  return records;
}

std::vector<JobControl> JobsWorld::controls(const std::string& job, std::size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    std::vector<JobControl> found;
    for (const auto& message : kafka.read(topics().job_control(), 1)) {
      auto control = good(events::decode<JobControl>(message.value, events::ContentType::kProtobuf));
      if (control.job_id() == job) found.push_back(std::move(control));
    }
    if (found.size() >= count) return found;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error{"too few controls"};
  }
}

void JobsWorld::until_control(const std::string& job, JobControl::State state, std::uint32_t pages) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    const auto last = controls(job, 1).back();
    if (last.state() == state && last.pages_allowed() >= pages) return;
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error{"control is " + last.ShortDebugString()};
  }
}

events::v1::BulkRequested JobsWorld::requested(const std::string& job) {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < deadline) {
    for (const auto& message : kafka.read(topics().bulk_requested(), 1)) {
      auto event =
          good(events::decode<events::v1::BulkRequested>(message.value, events::ContentType::kProtobuf));
      if (event.job_id() == job) return event;
    }
  }
  throw std::runtime_error{"the job was not requested"};
}

}  // namespace bongsu::jobs
