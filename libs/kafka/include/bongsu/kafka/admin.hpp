#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/kafka/record.hpp>
#include <bongsu/kafka/settings.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bongsu::kafka {

/// A topic to create. `configs` hold Kafka's own names: retention.ms, cleanup.policy, …
struct TopicSpec {
  std::string name;
  int partitions = 1;
  int replication = 1;
  std::map<std::string, std::string> configs;
};

struct TopicDescription {
  std::string name;
  int partitions = 0;
  int replication = 0;                         ///< of the partition that has the fewest replicas
  int leaderless = 0;                          ///< partitions that have no leader now
  std::map<std::string, std::string> configs;  ///< effective values, the broker's defaults included
};

struct ClusterState {
  int brokers = 0;
  int controller = -1;
  std::map<std::string, int> leaderless;  ///< of each topic that exists: partitions without a leader
};

/// What a partition holds now: the first offset, and the one behind the last.
struct PartitionBounds {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Topics and the cluster's state.
///
/// Errors: kUnavailable and kTimeout (no broker answers), kAlreadyExists, kNotFound, kInvalidArgument,
///   kUnauthorized; detail is Kafka's error name.
/// Threads: the io_context's one thread. librdkafka 2.0.2 can only ask for metadata by a blocking call;
///   it runs on a thread that exists for nothing else. Lifetime: outlives what is under way.
class Admin {
 public:
  static Result<Admin> open(const asio::any_io_executor& executor, const ClusterSettings& settings);
  Admin(Admin&& other) noexcept;
  Admin& operator=(Admin&& other) noexcept;
  ~Admin();

  /// Brokers, and every topic with the number of its partitions that have no leader.
  asio::awaitable<Result<ClusterState>> cluster(std::chrono::milliseconds timeout);

  /// Partitions, replicas and configuration of those topics that exist; the others are left out.
  asio::awaitable<Result<std::vector<TopicDescription>>> describe(std::vector<std::string> names,
                                                                  std::chrono::milliseconds timeout);

  /// Where each partition of those topics that exist begins and ends; the others are left out.
  asio::awaitable<Result<std::map<TopicPartition, PartitionBounds>>> bounds(
      std::vector<std::string> names, std::chrono::milliseconds timeout);

  /// One answer for each, in their order; kAlreadyExists is an answer as any other. The brokers learn of
  /// a new topic some milliseconds after the controller has answered.
  asio::awaitable<std::vector<Result<void>>> create(std::vector<TopicSpec> topics,
                                                    std::chrono::milliseconds timeout);
  asio::awaitable<std::vector<Result<void>>> remove(std::vector<std::string> names,
                                                    std::chrono::milliseconds timeout);
  /// Raises the number of partitions to `total`.
  asio::awaitable<Result<void>> add_partitions(std::string topic, int total,
                                               std::chrono::milliseconds timeout);

 private:
  class Impl;
  explicit Admin(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace bongsu::kafka
