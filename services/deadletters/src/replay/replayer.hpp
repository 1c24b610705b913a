#pragma once
#include "letter_store.hpp"
#include "pace.hpp"
#include "replay_store.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/kafka/producer.hpp>
#include <bongsu/kafka/record_reader.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <set>
#include <unordered_set>

namespace bongsu::deadletters {

/// Sends what replays that run have frozen, and moves replays on as their counts do.
///
/// A replay is worked on by whoever holds its lease; replicas share them. A batch is read from the
/// dead-letter topics, taken (one transaction: letters OPEN → REPLAYING, their events, the counts),
/// published, and marked as sent; README.md tells what a crash leaves behind after each step. Nothing is
/// published for a letter that was not taken under this replay. Two who work on the same replay at once,
/// after a lease was lost, take different letters; what is then published twice has the same generation, and
/// the channel sends it once.
///
/// Errors: none come out; while PostgreSQL or Kafka is away it waits.
/// Threads: the io_context's one thread. Lifetime: until run() has returned; what it refers to outlives it.
class Replayer {
 public:
  struct Parts {
    asio::any_io_executor executor;
    ReplayStore& replays;
    LetterStore& letters;
    events::Topics topics;
    kafka::ClusterSettings cluster;
    const security::SealedBox& box;
    const Clock& clock;
    Random& random;
    std::chrono::milliseconds lease;
    std::function<void()> on_stored;  ///< events wait in the outbox
  };
  explicit Replayer(Parts parts);

  asio::awaitable<void> run();
  void stop();

  /// Something of a replay has changed: look soon.
  void wake();
  /// Notified whenever anything of a replay may have changed here.
  Signal& changed() { return changed_; }

 private:
  /// A letter on its way: its record, and where it stands in the plan.
  struct Parcel {
    PlannedLetter planned;
    LetterRow row;
    std::optional<kafka::Message> message;  ///< none: it is gone from the topic
  };

  asio::awaitable<void> look();
  asio::awaitable<void> advance_all();
  asio::awaitable<void> claim();
  asio::awaitable<void> work(Uuid replay);
  asio::awaitable<Result<void>> finish_begun(Uuid replay);
  /// How many letters were taken; nothing: there is nothing to take now.
  asio::awaitable<Result<std::optional<std::int64_t>>> next_batch(const Replay& replay, std::int64_t limit);
  asio::awaitable<Result<std::vector<Parcel>>> fetch(std::vector<PlannedLetter> planned);
  asio::awaitable<Result<void>> publish(Uuid replay, std::vector<Parcel> parcels);
  asio::awaitable<Result<std::vector<bool>>> send(std::vector<kafka::Record> records);
  Result<kafka::Record> record_of(const Uuid& replay, Parcel& parcel) const;
  Result<void> ensure_clients();
  static constexpr std::int64_t kLargestBatch = 500;
  bool goes_on(const Uuid& replay) const { return !stopping_ && held_.contains(replay); }

  Parts parts_;
  Uuid owner_;
  Signal wake_;
  Signal changed_;
  std::unordered_set<Uuid> held_;
  std::unordered_set<Uuid> working_;
  std::optional<kafka::RecordReader> reader_;
  std::optional<kafka::Producer> producer_;
  std::chrono::steady_clock::time_point tidied_;
  bool stopping_ = false;
};

}  // namespace bongsu::deadletters
