#pragma once
#include <bongsu/http/problem.hpp>
#include <bongsu/rpc/failure.hpp>

namespace bongsu::gateway {

/// What a call to another service of ours that failed means for who asked: 404; 409 with the service's own
/// reason where it is one that callers act on (digest_mismatch, plan_expired, nothing_matches, …), else
/// `failed_precondition`; 422 (the key belongs to another body); 400 with its fields, under their JSON names;
/// 401, 403; 503 with Retry-After while the service is away; else 500, which is logged.
http::Problem problem_of_call(const rpc::Failure& failure);

}  // namespace bongsu::gateway
