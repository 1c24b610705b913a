#pragma once
#include "event_maker.hpp"
#include "letter_store.hpp"
#include "replay.hpp"

#include <bongsu/postgres/pool.hpp>

namespace bongsu::deadletters {

/// How a letter stands within a replay.
enum class LetterStep : std::int16_t {
  kWaiting = 0,
  kReplaying = 1,
  kDelivered = 2,
  kDeadAgain = 3,
  kSkipped = 4,
  kReturned = 5,
};

/// One frozen letter.
struct PlannedLetter {
  std::int64_t position = 0;
  Uuid letter;
  std::int32_t generation = 0;  ///< that the replay gives it; 0: not taken yet
  std::string repair;           ///< the new recipient, sealed; empty: none
};

/// What becomes of a letter whose turn has come.
struct Turn {
  std::int64_t position = 0;
  Uuid letter;
  bool gone = false;  ///< its record is no longer there: it cannot be sent
};

struct Taken {
  std::vector<Changed> letters;
  bool stopped = false;  ///< the replay no longer runs: nothing was taken
};

/// An outcome that was heard of.
struct Ended {
  Uuid letter;
  Uuid replay;
  Kind kind = events::v1::DeadLetterEvent::KIND_UNSPECIFIED;  ///< DELIVERED, DEAD_AGAIN, REPLAY_ABANDONED
  std::string reason;
  friend bool operator==(const Ended&, const Ended&) = default;
};

/// A new recipient for a letter of a plan.
struct SealedRepair {
  Uuid letter;
  std::string sealed;
};

/// Replays and their letters in PostgreSQL. What changes letters and counts does so in one transaction, which
/// locks the replays first and the letters then, both in the order of their ids.
/// Errors: as postgres::Pool. Threads: the io_context's one thread. Lifetime: what it refers to outlives it.
class ReplayStore {
 public:
  ReplayStore(postgres::Pool& pool, const LetterStore& letters, const EventMaker& events)
      : pool_(pool), letters_(letters), events_(events) {}

  /// A plan that is being frozen; nobody sees it before finish_plan().
  asio::awaitable<Result<void>> begin_plan(Replay replay);
  /// The next letters of it, in their order from `first`.
  asio::awaitable<Result<void>> add_letters(Uuid replay, std::int64_t first, std::vector<Uuid> letters,
                                            Timestamp now);
  asio::awaitable<Result<void>> finish_plan(Replay replay, Timestamp now);
  /// Of a plan that came to nothing.
  asio::awaitable<Result<void>> drop_plan(Uuid replay);
  /// Plans that nobody finished within an hour.
  asio::awaitable<Result<void>> drop_torn_plans();

  asio::awaitable<Result<std::optional<Replay>>> find(Uuid id);
  /// The youngest first, those after `after`.
  asio::awaitable<Result<std::vector<Replay>>> list(std::optional<Uuid> after,
                                                    std::vector<std::int16_t> states, std::int32_t limit);
  /// RUNNING, or plans that have expired.
  asio::awaitable<Result<std::vector<Replay>>> due();
  /// Writes a row that was read, its event with it; false: somebody else has changed its state since. Counts
  /// are not written but for what waited and is returned.
  asio::awaitable<Result<bool>> update(Replay replay, std::vector<SealedRepair> repairs, Timestamp now);

  /// Takes or renews the work on what runs; which replays are ours now.
  asio::awaitable<Result<std::vector<Uuid>>> claim(Uuid owner, std::chrono::milliseconds lease);
  asio::awaitable<Result<void>> release(Uuid owner);

  asio::awaitable<Result<std::vector<PlannedLetter>>> waiting(Uuid replay, std::int64_t limit);
  /// Taken, and perhaps not published.
  asio::awaitable<Result<std::vector<PlannedLetter>>> unsent(Uuid replay, std::int64_t limit);
  /// Which of these letters the plan holds.
  asio::awaitable<Result<std::vector<Uuid>>> planned(Uuid replay, std::vector<Uuid> letters);
  /// Those that are OPEN become REPLAYING under this replay, the others are skipped; all in one transaction.
  asio::awaitable<Result<Taken>> take(Uuid replay, std::vector<Turn> turns, std::string actor, Timestamp now);
  asio::awaitable<Result<void>> mark_sent(Uuid replay, std::vector<std::int64_t> positions);
  /// Kafka refused the records of these for their own sake: they are OPEN again.
  asio::awaitable<Result<void>> give_back(Uuid replay, std::vector<PlannedLetter> letters, std::string reason,
                                          Timestamp now);

  /// Within the session's transaction. What was heard before, or of a letter that another replay has taken
  /// since, changes nothing. Tells which replays have changed.
  asio::awaitable<Result<std::vector<Uuid>>> record(postgres::Session& session, std::vector<Ended> ended,
                                                    Timestamp now);

  /// Of events, when the index is made again: what is known already stays. Nobody sees or works on them
  /// before finish_restore(), which is called once all events and letters are read.
  asio::awaitable<Result<void>> restore(postgres::Session& session, Uuid replay,
                                        events::v1::DeadLetterEvent event);
  asio::awaitable<Result<void>> restore_letters(postgres::Session& session, Uuid replay,
                                                events::v1::DeadLetterEvent event);
  asio::awaitable<Result<void>> finish_restore();

 private:
  asio::awaitable<Result<Taken>> take_within(postgres::Session& session, const Uuid& replay,
                                             const std::vector<Turn>& turns, const std::string& actor,
                                             Timestamp now);
  asio::awaitable<Result<bool>> record_group(postgres::Session& session, const Uuid& replay, Kind kind,
                                             const std::vector<Ended>& ended, Timestamp now);
  outbox::Event changed(const Replay& replay, Timestamp now) const;

  postgres::Pool& pool_;
  const LetterStore& letters_;
  const EventMaker& events_;
};

}  // namespace bongsu::deadletters
