#pragma once
#include "intake_store.hpp"
#include "letter_reader.hpp"

#include <bongsu/events/v1/result.pb.h>
#include <bongsu/intake/intake.hpp>
#include <bongsu/intake/record.hpp>
#include <bongsu/postgres/pool.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>

namespace bongsu::deadletters {

/// Takes the dead-letter topics, deadletters.event and delivery.result into the index.
///
/// Offsets move in the transaction that holds what was read, so each record counts once, and reading goes on
/// where the index stands. Results are not taken before the index has caught up with what lay on the other
/// topics at the start: an outcome needs the letter that it is for.
/// Errors: none come out; PostgreSQL away: it waits.
/// Threads: the io_context's one thread. Lifetime: outlives the intake that uses it, and what it refers to
/// it.
class LetterIntake {
 public:
  /// What others make of the same records, within the same transaction; each must bear seeing one again.
  struct Hooks {
    /// PLAN_CHANGED, PLAN_LETTERS
    std::function<asio::awaitable<Result<void>>(postgres::Session&, std::vector<events::v1::DeadLetterEvent>)>
        plans;
    std::function<asio::awaitable<Result<void>>(postgres::Session&, std::vector<events::v1::DeliveryResult>)>
        results;
    /// Letters of this batch, stored already.
    std::function<asio::awaitable<Result<void>>(postgres::Session&, std::vector<Letter>)> letters;
    /// After a batch of results or letters was committed.
    std::function<void()> on_stored;
  };
  struct Parts {
    postgres::Pool& pool;
    events::Topics topics;
    std::string group;
    const LetterReader& reader;
    intake::DeadLetters& letters;
    const Clock& clock;
    Hooks hooks;
    /// Reading went on before where the index stands: somebody has emptied it.
    std::function<void()> on_emptied;
  };
  explicit LetterIntake(Parts parts) : parts_(std::move(parts)) {}

  std::map<std::string, intake::Take> takes();
  asio::awaitable<Result<std::vector<kafka::PartitionStart>>> starts(
      std::vector<kafka::TopicPartition> partitions);

  /// The topics that make the index: all but delivery.result.
  std::vector<std::string> sources() const;
  void caught_up() { caught_up_ = true; }

 private:
  using Taken = asio::awaitable<Result<std::vector<intake::DeadLetter>>>;
  using Within = std::function<asio::awaitable<Result<void>>(postgres::Session&)>;

  Taken take_letters(const std::vector<kafka::Message>& records);
  Taken take_events(const std::vector<kafka::Message>& records);
  Taken take_results(const std::vector<kafka::Message>& records);
  /// Runs `within` in a transaction that moves the offset on. `first` is the first offset that counts.
  asio::awaitable<Result<void>> commit(const kafka::TopicPartition& partition,
                                       const std::vector<kafka::Message>& records, Within within);
  std::int64_t first_of(const kafka::TopicPartition& partition, const std::vector<kafka::Message>& records);
  asio::awaitable<Result<void>> look_up(const kafka::TopicPartition& partition);
  asio::awaitable<Result<void>> make_partitions(const std::vector<Letter>& letters);
  asio::awaitable<Result<void>> write_unusable(std::vector<intake::DeadLetter> letters);

  struct Reached {
    std::optional<std::int64_t> stored;  ///< as far as is known here
    std::int64_t read = 0;               ///< what has been read lies before it
  };

  Parts parts_;
  std::map<kafka::TopicPartition, Reached> reached_;
  std::set<std::chrono::year_month> months_;  ///< that have their partition
  bool caught_up_ = false;
};

/// A decision as the topic tells it. Pure.
intake::Usable<Decision> decision_of(const events::v1::DeadLetterEvent& event);

}  // namespace bongsu::deadletters
