#pragma once
#include "window.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/outbox/relay.hpp>
#include <bongsu/postgres/session.hpp>

#include <vector>

namespace bongsu::outbox {

/// One term as the leader: from the advisory lock to the loss of its connection, or to stop().
///
/// Three coroutines share the session: the reader publishes, the keeper writes the cursor, the caretaker
/// empties leaves, measures and tells owners of refused events. The first error of the session ends all
/// three. Threads: the io_context's one thread. Lifetime: until lead() has returned.
class Leadership {
 public:
  Leadership(const asio::any_io_executor& executor, const RelaySettings& settings,
             const MakePublisher& make_publisher, const OnRefused& on_refused, postgres::Session& session);
  ~Leadership();

  asio::awaitable<void> lead();
  void wake();
  void stop(std::chrono::steady_clock::time_point drain_deadline);

 private:
  struct Page {
    postgres::Rows rows;
    /// There may be more at once.
    bool full = false;
  };

  // The reader: leadership.cpp
  asio::awaitable<Result<void>> begin();
  asio::awaitable<void> read_and_publish();
  asio::awaitable<Page> read(Position after);
  asio::awaitable<void> publish(const postgres::Rows& rows);
  asio::awaitable<bool> publish_one(Event event, Position position);
  asio::awaitable<void> make_room();
  asio::awaitable<void> pause();
  asio::awaitable<void> drain();
  asio::awaitable<void> new_publisher();
  asio::awaitable<void> pass_the_horizon();
  void report(std::uint64_t token, const Result<void>& outcome);

  // What Kafka refuses: refusals.cpp
  asio::awaitable<void> settle_refusals();
  asio::awaitable<void> publish_alone(std::uint64_t token);
  asio::awaitable<void> bury(std::uint64_t token, std::string reason);
  asio::awaitable<void> tell_owners();

  // Keeper and caretaker: upkeep.cpp
  asio::awaitable<void> keep_cursor();
  asio::awaitable<void> take_care();
  asio::awaitable<void> empty_leaves();
  asio::awaitable<void> measure();

  asio::awaitable<std::optional<postgres::Rows>> query(std::string_view sql, postgres::Params params = {});
  void lose(const Error& why);
  void finish();
  bool over() const { return lost_ || finished_; }
  bool interrupted() const { return over() || broken_; }
  /// Nothing new is given to the publisher.
  bool halted() const { return interrupted() || stopping_; }

  asio::any_io_executor executor_;
  const RelaySettings& settings_;
  const MakePublisher& make_publisher_;
  const OnRefused& on_refused_;
  postgres::Session& session_;

  Window window_{Position{}};
  Position written_;
  Position read_to_;
  std::unique_ptr<Publisher> publisher_;

  /// Refused in a batch, perhaps for another's sake; and refused alone, with the reason.
  std::vector<std::uint64_t> suspects_;
  std::vector<std::pair<std::uint64_t, std::string>> refused_;
  /// The one that is being published alone.
  std::optional<std::uint64_t> alone_;

  Signal progress_;  ///< a report came
  Signal moved_;     ///< the cursor has moved
  Signal woken_;     ///< new rows, stop, or over: for the reader at rest
  Signal care_;      ///< the caretaker has something to do, or is no longer needed
  std::size_t page_rows_;
  std::chrono::milliseconds delay_;
  std::chrono::steady_clock::time_point drain_deadline_{};
  bool new_rows_ = false;
  bool resting_ = false;
  bool stopping_ = false;
  bool broken_ = false;  ///< the publisher has failed
  bool complained_ = false;
  bool lost_ = false;
  bool finished_ = false;
};

}  // namespace bongsu::outbox
