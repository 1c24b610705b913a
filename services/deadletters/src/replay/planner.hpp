#pragma once
#include "letter_store.hpp"
#include "plan.hpp"
#include "replay_settings.hpp"
#include "replay_store.hpp"

#include <bongsu/rpc/failure.hpp>

namespace bongsu::deadletters {

/// Freezes which letters a replay is about: by and by, so that no transaction lasts. Letters that come in
/// meanwhile are younger than the first that was looked at, and stay out. Errors: FAILED_PRECONDITION
/// nothing_matches; NOT_FOUND: a named letter is unknown; as the stores. Threads: the io_context's one
/// thread. Lifetime: what it refers to outlives it.
class Planner {
 public:
  struct Parts {
    LetterStore& letters;
    ReplayStore& replays;
    const Clock& clock;
    Random& random;
    PlanSettings settings;
    PlanCount::IsCancelled is_cancelled;
  };
  /// What is asked for: letters by name, or all OPEN ones that a query finds.
  struct Asked {
    std::optional<Query> query;
    std::optional<std::string> filter;  ///< the query as it was asked, without the recipient
    std::vector<Uuid> letters;
    std::string by;
  };

  explicit Planner(Parts parts) : parts_(std::move(parts)) {}

  asio::awaitable<rpc::Answer<Replay>> plan(Asked asked);

 private:
  struct Draft {
    Replay replay;
    PlanCount count;
    PlanDigest digest;
  };
  asio::awaitable<rpc::Answer<void>> freeze(Draft& draft, const Asked& asked);
  asio::awaitable<Result<void>> add(Draft& draft, const std::vector<LetterRow>& rows);

  Parts parts_;
};

}  // namespace bongsu::deadletters
