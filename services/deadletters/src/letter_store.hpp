#pragma once
#include "event_maker.hpp"
#include "letter.hpp"

#include <bongsu/postgres/pool.hpp>

namespace bongsu::deadletters {

/// A decision about many letters.
struct Change {
  std::vector<Uuid> letters;
  std::vector<State> from;  ///< those in any other state are left alone
  Kind kind = events::v1::DeadLetterEvent::KIND_UNSPECIFIED;
  /// REPLAYING: the replay that takes them. Other kinds: only those that this replay has taken are changed.
  std::optional<Uuid> replay;
  std::string actor;
  std::string reason;
  Timestamp time;
};

/// A letter that was changed.
struct Changed {
  Uuid letter;
  std::int64_t revision = 0;
  std::int32_t generation = 0;  ///< the letter's own; a replay's is one more
};

/// One number of a summary.
struct Count {
  std::string key;
  std::int64_t count = 0;
};

struct Summary {
  std::int64_t total = 0;
  std::vector<Count> channels;  ///< keys are numbers of events.v1.Channel
  std::vector<Count> reasons;
  std::vector<Count> states;  ///< keys are numbers of DeadLetter.State
  std::vector<Count> provider_codes;
  std::vector<Count> jobs;  ///< the hundred with the most
  std::vector<std::pair<Timestamp, std::int64_t>> hours;
};

/// Letters in PostgreSQL, and what is decided about them. Errors: as postgres::Pool.
/// Threads: the io_context's one thread. Lifetime: `pool` and `events` outlive it.
class LetterStore {
 public:
  LetterStore(postgres::Pool& pool, const EventMaker& events) : pool_(pool), events_(events) {}

  /// The youngest first, those behind `after`. `limit` of them at most.
  asio::awaitable<Result<std::vector<LetterRow>>> list(Query query, std::optional<Place> after,
                                                       std::int32_t limit);
  /// As list(), ids and places alone: for going over many.
  asio::awaitable<Result<std::vector<Place>>> places(Query query, std::optional<Place> after,
                                                     std::int32_t limit);
  /// In the order of `ids`; those that there are not are left out.
  asio::awaitable<Result<std::vector<LetterRow>>> find(std::vector<Uuid> ids);
  /// The letter, its earlier and its later generations, the earliest first.
  asio::awaitable<Result<std::vector<LetterRow>>> generations_of(LetterRow row);
  /// What was decided about these letters, by letter and revision.
  asio::awaitable<Result<std::vector<Decision>>> decisions(std::vector<Uuid> letters);
  asio::awaitable<Result<Summary>> summarize(Query query);

  /// Changes the letters that are as `change` wants them, and writes decisions and events, all within the
  /// session's transaction. What is not in the answer was left alone. Rows are locked in the order of their
  /// ids, so callers that change several batches in one transaction sort them. At most some thousands a call.
  asio::awaitable<Result<std::vector<Changed>>> change_state(postgres::Session& session, Change change) const;

 private:
  postgres::Pool& pool_;
  const EventMaker& events_;
};

}  // namespace bongsu::deadletters
