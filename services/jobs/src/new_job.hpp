#pragma once
#include "event_maker.hpp"
#include "job.hpp"

#include <bongsu/jobs/v1/jobs.pb.h>
#include <bongsu/rpc/failure.hpp>

#include <optional>
#include <string>

/// What a CreateJobRequest and the other requests may say. Pure.
namespace bongsu::jobs {

struct NewJob {
  std::string age_group;
  events::Channel channel = events::Channel::kKakao;
  std::optional<events::Channel> fallback;
  std::string purpose;
  bool hold = false;
  std::optional<std::int64_t> total;
  std::optional<Timestamp> as_of;
  BulkMessage message;
  std::optional<std::string> request_id;
};

/// Errors: kInvalidArgument with every field that breaks a rule.
rpc::Answer<NewJob> read_new_job(const v1::CreateJobRequest& request);

/// What two requests of one request_id must have in common: all but how many the gateway counted, and when.
std::string body_of(const v1::CreateJobRequest& request);

/// "jobs/{uuid}". Errors: kInvalidArgument on `field`.
rpc::Answer<Uuid> read_name(const std::string& name, const std::string& field = "name");
std::string name_of_job(const Uuid& id);

}  // namespace bongsu::jobs
