#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/delivery/row.hpp>
#include <bongsu/kafka/record.hpp>

#include <optional>
#include <string>
#include <vector>

namespace bongsu::delivery {

/// A partition that is held, and the epoch that fences what is written under it.
struct Hold {
  kafka::TopicPartition where;
  std::int64_t epoch = 0;
};

/// What taking a partition tells.
struct Taken {
  std::int64_t epoch = 0;
  std::int64_t claimed_to = 0;  ///< former owners may have sent what lies below; exclusive
};

/// The durable memory of a channel: who may send, how far they may have sent, how each attempt ended.
///
/// Everything commits durably before its answer comes, and everything may be asked again when the
/// answer is lost: the second time changes nothing more. All errors are kUnavailable or kTimeout
/// (ask again) or kInternal (a mistake of ours).
/// Threads: the io_context's one thread. Lifetime: outlives its users; what they pass by reference outlives
///   the answer.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Makes the lease row of a new owner name.
  virtual asio::awaitable<Result<void>> begin_lease(const std::string& owner) = 0;
  /// Prolongs it. False: there is none any more, another took it; nothing may be sent under this name.
  virtual asio::awaitable<Result<bool>> renew_lease(const std::string& owner) = 0;
  /// Ends it at once, so that a successor need not wait.
  virtual asio::awaitable<Result<void>> end_lease(const std::string& owner) = 0;

  /// Nothing: another owner's lease is not over.
  virtual asio::awaitable<Result<std::optional<Taken>>> take(const kafka::TopicPartition& where,
                                                             const std::string& owner) = 0;
  /// Claims the offsets below `to`. False: fenced, somebody else has the partition.
  virtual asio::awaitable<Result<bool>> claim(const Hold& hold, std::int64_t to) = 0;
  /// Gives the partition back; `lower_to`: nothing at or above this offset was sent.
  virtual asio::awaitable<Result<void>> give_back(const Hold& hold, std::optional<std::int64_t> lower_to) = 0;
  /// What stands in this process' name (any name of `life`).
  virtual asio::awaitable<Result<std::vector<Hold>>> held_by(const std::string& life) = 0;

  virtual asio::awaitable<Result<std::optional<Row>>> look_up(const Uuid& id) = 0;
  /// Writes how an attempt ended and tells what stays (see merge()). Nothing: fenced; of a former
  /// owner only `delivered` is accepted.
  virtual asio::awaitable<Result<std::optional<Row>>> record(const Hold& hold, const Row& row) = 0;

  /// Keeps a follow-up that Kafka refuses for its own sake, for people to look at.
  virtual asio::awaitable<Result<void>> keep_refused(const kafka::Record& record, const Error& why) = 0;
};

}  // namespace bongsu::delivery
