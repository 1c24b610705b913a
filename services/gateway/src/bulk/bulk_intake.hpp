#pragma once
#include "bulk/job_store.hpp"

#include <bongsu/intake/record.hpp>

#include <functional>

namespace bongsu::gateway {

/// Reads a bulk.requested, a job.control. Nothing is assumed of who wrote it. Pure.
intake::Usable<BulkRequest> read_bulk_request(const kafka::Message& record);
intake::Usable<BulkControl> read_control(const kafka::Message& record);

struct BulkIntakeParts {
  JobStore& jobs;
  std::string group;
  std::function<void()> on_work;  ///< called when a job may have become workable
};

/// Note what a batch says and give back the records that cannot be used.
/// Errors: as postgres::Pool, and then nothing is certain: the batch comes again.
asio::awaitable<Result<std::vector<intake::DeadLetter>>> take_bulk_requests(
    const BulkIntakeParts& parts, const std::vector<kafka::Message>& records);
asio::awaitable<Result<std::vector<intake::DeadLetter>>> take_controls(
    const BulkIntakeParts& parts, const std::vector<kafka::Message>& records);

}  // namespace bongsu::gateway
