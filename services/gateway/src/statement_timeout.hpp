#pragma once
#include "group_commit.hpp"

#include <algorithm>
#include <chrono>

namespace bongsu::gateway {

/// How long a statement may take so that its answer is there by `deadline`: PostgreSQL's answer is
/// waited for a quarter of a second longer than the statement may run. Errors: kUnavailable when that
/// is no time at all; nothing has been sent then.
inline Result<std::chrono::milliseconds> statement_timeout(Deadline deadline) {
  using namespace std::chrono_literals;
  const auto left =
      std::chrono::floor<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()) - 250ms;
  if (left < 10ms) return fail(ErrorCode::kUnavailable, "postgres: no time is left for the statement");
  return std::min<std::chrono::milliseconds>(left, 1000ms);
}

}  // namespace bongsu::gateway
