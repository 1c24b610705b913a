#include "results.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/ids.hpp>
#include <bongsu/events/v1/bulk.pb.h>
#include <bongsu/events/v1/job_control.pb.h>
#include <bongsu/events/v1/result.pb.h>
#include <bongsu/security/sealed_box.hpp>

#include <support/upstream/upstream.hpp>

namespace bongsu::bench {
namespace {

namespace v1 = events::v1;

constexpr std::uint32_t kPage = 1000;

kafka::Record event(const std::string& topic, std::string_view type, std::string id, std::string key,
                    const google::protobuf::Message& value) {
  return {.topic = topic,
          .partition = {},
          .key = std::move(key),
          .value = events::encode(value),
          .headers = events::make_headers({.id = std::move(id),
                                           .source = "/bench",
                                           .type = std::string{type},
                                           .time = SystemClock{}.now(),
                                           .content_type = events::ContentType::kProtobuf,
                                           .trace = {}}),
          .timestamp = {}};
}

v1::DeliveryResult delivered(const std::string& job, const Uuid& job_id, std::uint32_t page,
                             std::uint32_t index) {
  v1::DeliveryResult result;
  const auto member = "member-" + std::to_string(page * kPage + index);
  result.set_notification_id(events::bulk_notification_id(job_id, member, events::Channel::kKakao).str());
  result.mutable_cause()->set_source("/bongsu/gateway");
  result.mutable_cause()->set_id(job);
  result.set_member_id(member);
  result.set_recipient_masked("***-****-1234");
  result.set_channel(v1::KAKAO);
  result.set_outcome(v1::DeliveryResult::DELIVERED);
  result.set_attempt(1);
  result.set_tries(1);
  result.set_total_tries(1);
  result.set_provider_id("kakao-" + std::to_string(index));
  result.set_final(true);
  result.set_lane(v1::DeliveryResult::BULK);
  result.set_job_id(job);
  result.set_page(page);
  result.set_index(index);
  *result.mutable_time() = events::to_proto(SystemClock{}.now());
  return result;
}

}  // namespace

void write_planned(support::Stack& stack, const std::string& job, int pages) {
  const auto topic = stack.topic("bulk.planned");
  std::vector<kafka::Record> records;
  v1::BulkPlanned counted;
  counted.set_job_id(job);
  counted.mutable_count()->set_total(static_cast<std::uint64_t>(pages) * kPage);
  records.push_back(event(topic, events::type::kBulkPlanned, job + "/count", job, counted));
  for (int page = 0; page < pages; ++page) {
    v1::BulkPlanned planned;
    planned.set_job_id(job);
    planned.mutable_page()->set_page(static_cast<std::uint32_t>(page));
    planned.mutable_page()->set_size(kPage);
    planned.mutable_page()->set_last(page + 1 == pages);
    records.push_back(
        event(topic, events::type::kBulkPlanned, job + "/" + std::to_string(page), job, planned));
  }
  support::Upstream{stack.kafka}.send(std::move(records));
}

void write_results(support::Stack& stack, const std::string& job, int pages) {
  support::Upstream upstream{stack.kafka};
  const auto job_id = Uuid::parse(job).value();
  const auto topic = stack.topic("delivery.result");
  for (int page = 0; page < pages; ++page) {
    std::vector<kafka::Record> records;
    records.reserve(kPage);
    const auto key = job + "/" + std::to_string(page);
    for (std::uint32_t index = 0; index < kPage; ++index) {
      const auto result = delivered(job, job_id, static_cast<std::uint32_t>(page), index);
      records.push_back(
          event(topic, events::type::kDeliveryResult, result.notification_id() + "/0/1/0", key, result));
    }
    upstream.send(std::move(records));
  }
}

std::string request_job(support::Stack& stack) {
  SystemRandom random;
  const auto now = SystemClock{}.now();
  const auto job = Uuid::v7(now, random);
  const security::SealedBox box{*security::KeyRing::parse("test:" + to_base64(std::string(32, 'b')))};
  v1::BulkPrivate message;
  message.set_text("{{name}}님, 주문하신 상품이 출발했습니다. 내일 오후에 도착할 예정입니다. 감사합니다.");
  v1::BulkRequested requested;
  requested.set_job_id(job.str());
  requested.set_age_group("TWENTIES");
  requested.set_channel(v1::KAKAO);
  requested.set_fallback(v1::SMS);
  *requested.mutable_as_of() = events::to_proto(now);
  *requested.mutable_requested_at() = events::to_proto(now);
  requested.set_total_count(1);
  requested.set_sealed(box.seal(events::encode(message), job, events::type::kBulkRequested, random));
  v1::JobControl control;
  control.set_job_id(job.str());
  control.set_revision(1);
  control.set_state(v1::JobControl::RUNNING);
  control.set_pages_allowed(1'000'000);
  support::Upstream{stack.kafka}.send(
      {event(stack.topic("bulk.requested"), events::type::kBulkRequested, job.str(), job.str(), requested),
       event(stack.topic("job.control"), events::type::kJobControl, job.str(), job.str(), control)});
  return job.str();
}

}  // namespace bongsu::bench
