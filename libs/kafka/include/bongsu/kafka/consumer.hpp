#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/kafka/record.hpp>
#include <bongsu/kafka/settings.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bongsu::kafka {

/// The group gave us these. Answer with assign().
struct Assigned {
  std::vector<TopicPartition> partitions;
};
/// The group wants them back; until unassign() nobody else gets them. Finish, commit, unassign().
struct Revoked {
  std::vector<TopicPartition> partitions;
};
/// They are somebody else's already, or may be: commit nothing, unassign().
struct Lost {
  std::vector<TopicPartition> partitions;
};
/// close() has ended; nothing follows.
struct Closed {};
using GroupEvent = std::variant<Assigned, Revoked, Lost, Closed>;

/// Where reading a partition begins.
struct PartitionStart {
  TopicPartition partition;
  std::optional<std::int64_t> committed;  ///< none: nothing committed, reading begins at the earliest
};

/// A member of a consumer group (range assignment, eager). Each partition is read by itself, when its
/// reader has room; what is not read waits in a bounded queue and then at the broker. Nothing is
/// committed or stored by itself.
///
///   co_await next_event() → Assigned → co_await assign() → poll() / readable() for each partition
///                         → Revoked | Lost → unassign()
///
/// Events must be answered in order, each before the next is asked for. The group protocol, logs and
/// errors are served all the time inside, whether or not somebody waits in next_event().
///
/// Ordering: a partition's records in the order of their offsets, beginning with the committed one,
///   nothing twice and nothing left out within one assignment. Offsets may skip (compaction,
///   transaction markers, retention).
/// Threads: the io_context's one thread. Lifetime: moving is cheap. Destroyed without close(): as if
///   the process had died, the group waits for the session's end.
class Consumer {
 public:
  /// Does not wait for a connection. Errors: kInvalidArgument (settings that librdkafka refuses).
  static Result<Consumer> open(const asio::any_io_executor& executor, const ConsumerSettings& settings);
  Consumer(Consumer&& other) noexcept;
  Consumer& operator=(Consumer&& other) noexcept;
  ~Consumer();

  /// Joins the group. Topics that do not exist yet are picked up within 10 s of being created.
  Result<void> subscribe(const std::vector<std::string>& topics);

  asio::awaitable<GroupEvent> next_event();

  /// Answers Assigned: looks up the committed offsets and begins to fetch there.
  /// Errors: kUnavailable, kTimeout (after 5 s): nothing is assigned yet, call again. kCancelled: closed.
  asio::awaitable<Result<std::vector<PartitionStart>>> assign(std::vector<TopicPartition> partitions);

  /// Answers Assigned where the owner keeps the offsets itself: begins to fetch at what `starts` name.
  /// Errors: kCancelled: closed.
  Result<void> assign_at(const std::vector<PartitionStart>& starts);

  /// Answers Revoked and Lost. From here on poll() gives nothing and owns() is false.
  Result<void> unassign();

  /// Assigned and not yet unassigned.
  bool owns(const TopicPartition& partition) const;

  /// Up to `max_records` that are here now. Empty: wait in readable().
  std::vector<Message> poll(const TopicPartition& partition, std::size_t max_records);

  /// Returns when there may be records, or the partition is no longer ours.
  asio::awaitable<void> readable(TopicPartition partition);

  /// Commits for each partition the next offset to be read.
  /// Errors: kConflict (no longer a member of that generation: the partition may be another's),
  ///   kUnavailable, kTimeout (it may have happened), kCancelled (closed).
  asio::awaitable<Result<void>> commit(std::vector<Position> next);

  /// What the group has committed for the partition, none if nothing.
  asio::awaitable<Result<std::optional<std::int64_t>>> committed(TopicPartition partition);

  /// Leaves the group at once. Partitions still held are unassigned without a further event: finish and
  /// commit before. next_event() then gives Closed. Waits at most 5 s for the coordinator.
  asio::awaitable<void> close();

 private:
  class Impl;
  explicit Consumer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace bongsu::kafka
