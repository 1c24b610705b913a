#pragma once
#include "support/service/service_world.hpp"

#include <bongsu/events/v1/bulk.pb.h>
#include <bongsu/events/v1/job_control.pb.h>
#include <bongsu/events/v1/result.pb.h>
#include <bongsu/jobs/v1/jobs.pb.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bongsu::jobs {

/// The jobs service as it runs; the test plays the gateway and the channels.
///
///   JobsWorld world;
///   world.start();
///   const auto job = world.create(10);
///   world.publish({world.page(job, 0, 10, true)});
///   world.publish(world.delivered(job, 0, 0, 10));
///   world.until(job, [](const v1::Job& now) { return now.state() == v1::Job::COMPLETED; });
class JobsWorld : public support::ServiceWorld {
 public:
  JobsWorld() : ServiceWorld{"jobs", {"job.read", "job.operate"}} {}

  static v1::CreateJobRequest request(std::optional<std::int64_t> total = {});
  /// Created with that count, as the gateway does; its name's id.
  std::string create(std::optional<std::int64_t> total = {}, bool hold = false);
  v1::Job get(const std::string& job);
  /// Pause, resume, start, cancel.
  template <class Request>
  rpc::Answer<v1::Job> act(const std::string& job) {
    Request request;
    request.set_name("jobs/" + job);
    return ask<v1::Job>(request);
  }
  /// Reads until it holds, and each time sees that the counts add up.
  v1::Job until(const std::string& job, const std::function<bool(const v1::Job&)>& holds,
                std::chrono::seconds limit = std::chrono::seconds{60});

  kafka::Record count(const std::string& job, std::uint64_t total,
                      const std::map<std::string, std::uint64_t>& suppressed = {}) const;
  kafka::Record page(const std::string& job, std::uint32_t page, std::uint32_t size, bool last,
                     const std::map<std::uint32_t, std::string>& suppressed = {}) const;
  events::v1::DeliveryResult result(const std::string& job, std::uint32_t page, std::uint32_t index,
                                    events::v1::DeliveryResult::Outcome outcome,
                                    std::uint32_t generation = 0) const;
  kafka::Record record(const events::v1::DeliveryResult& result) const;
  /// Indexes [first, last) of a page.
  std::vector<kafka::Record> results(const std::string& job, std::uint32_t page, std::uint32_t first,
                                     std::uint32_t last, events::v1::DeliveryResult::Outcome outcome,
                                     std::uint32_t generation = 0) const;
  std::vector<kafka::Record> delivered(const std::string& job, std::uint32_t page, std::uint32_t first,
                                       std::uint32_t last) const {
    return results(job, page, first, last, events::v1::DeliveryResult::DELIVERED);
  }

  /// The job's control, each event in order, once there are that many.
  std::vector<events::v1::JobControl> controls(const std::string& job, std::size_t count);
  events::v1::BulkRequested requested(const std::string& job);
  /// The last control has this state and at least that credit.
  void until_control(const std::string& job, events::v1::JobControl::State state, std::uint32_t pages = 0);

 private:
  kafka::Record event(const std::string& topic, std::string_view type, const std::string& key,
                      const google::protobuf::Message& value) const;
};

/// total = success + failure + suppressed + unknown + pending.
bool adds_up(const v1::Job& job);

}  // namespace bongsu::jobs
