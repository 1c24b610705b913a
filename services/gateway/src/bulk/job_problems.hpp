#pragma once
#include <bongsu/http/problem.hpp>
#include <bongsu/rpc/failure.hpp>

namespace bongsu::gateway {

/// What a call to another service of ours that failed means for who asked: 404, 409 (the job is in no state
/// for that), 422 (the key belongs to another body), 400 with its fields, 401, 403, 503 with Retry-After
/// while the service is away; else 500, which is logged.
http::Problem problem_of_call(const rpc::Failure& failure);

}  // namespace bongsu::gateway
