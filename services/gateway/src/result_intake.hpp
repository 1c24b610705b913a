#pragma once
#include "delivery_status.hpp"

#include <bongsu/intake/record.hpp>
#include <bongsu/postgres/pool.hpp>

#include <vector>

namespace bongsu::gateway {

/// Reads a delivery.result. Nothing: a bulk job's, which jobs counts; nobody asks for it here. Pure.
intake::Usable<std::optional<Attempt>> read_result(const kafka::Message& record);

/// Notes how the attempts of a batch ended and gives back the records that cannot be used.
/// Errors: as postgres::Pool, and then nothing is certain: the batch comes again.
asio::awaitable<Result<std::vector<intake::DeadLetter>>> take_results(
    postgres::Pool& pool, const std::string& group, const std::vector<kafka::Message>& records);

}  // namespace bongsu::gateway
