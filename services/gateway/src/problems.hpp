#pragma once
#include <bongsu/http/problem.hpp>

/// The gateway's own problems, beside those that every service has.
namespace bongsu::gateway {

/// 422: the key was used for another body.
http::Problem idempotency_conflict();
/// 409 with Retry-After: the first request with this key has not ended yet.
http::Problem in_progress();
/// 409: a member has this address.
http::Problem email_taken();
/// What could not be stored: 503 with Retry-After while PostgreSQL is away, 500 for a mistake of ours,
/// which is logged.
http::Problem problem_of_failure(const Error& error);

}  // namespace bongsu::gateway
