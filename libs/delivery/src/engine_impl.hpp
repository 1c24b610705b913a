#pragma once
#include "deliverer.hpp"
#include "window.hpp"

#include <bongsu/delivery/engine.hpp>

#include <map>

namespace bongsu::delivery {

/// The group's side of delivery: takes partitions, reads them while there is room, commits, gives back.
/// engine_impl.cpp: the group's events and giving up; reading.cpp: one partition's records.
class Engine::Impl : public std::enable_shared_from_this<Engine::Impl> {
 public:
  Impl(const asio::any_io_executor& executor, World world, Settings settings);

  asio::awaitable<Result<void>> run();
  void stop();
  Result<void> healthy() const;
  void abandon() { admission_.abandon(); }

 private:
  using PartitionPtr = std::shared_ptr<Partition>;

  // The group's events, in order.
  asio::awaitable<void> follow_group();
  asio::awaitable<void> assign(std::vector<kafka::TopicPartition> partitions);
  asio::awaitable<void> give_up_cleanly();
  void lose_all(std::string_view why);
  asio::awaitable<void> start_over(std::string_view why);
  asio::awaitable<void> drain();

  // Giving back.
  asio::awaitable<void> end_records(const std::vector<PartitionPtr>& held);
  asio::awaitable<void> give_back(PartitionPtr partition, std::optional<std::int64_t> lower_to);
  asio::awaitable<void> close_uncleanly(PartitionPtr partition);
  asio::awaitable<bool> commit(const std::vector<PartitionPtr>& partitions);
  asio::awaitable<bool> commit_now(const std::vector<PartitionPtr>& partitions);
  void set_phase(Partition& partition, Phase phase);

  // Loops that run until everything is over.
  void begin(std::string_view name, asio::awaitable<void> loop);
  asio::awaitable<void> until_over(asio::awaitable<void> loop);
  asio::awaitable<void> keep_lease();
  asio::awaitable<void> keep_committing();
  asio::awaitable<void> give_back_strays();
  asio::awaitable<void> start_lease();

  // One partition's records (reading.cpp).
  asio::awaitable<void> read(PartitionPtr partition);
  asio::awaitable<bool> take(const PartitionPtr& partition);
  bool has_room(const Partition& partition) const;
  asio::awaitable<bool> wait_for_room(Partition& partition);
  static Timestamp due_at(const Partition& partition, const kafka::Message& message);
  bool is_due(const Partition& partition, const kafka::Message& message) const;
  asio::awaitable<bool> wait_until_due(Partition& partition, const kafka::Message& message);
  void start_record(const PartitionPtr& partition, kafka::Message message);
  asio::awaitable<void> handle(PartitionPtr partition, kafka::Message message, std::size_t bytes);

  asio::any_io_executor executor_;
  World world_;
  Settings settings_;
  std::vector<Lane> lanes_;
  std::map<std::string, Window, std::less<>> windows_;  // by topic
  Lease lease_;
  Alerts alerts_;
  Admission admission_;
  Sender sender_;
  Intake intake_;
  FollowUp follow_up_;
  Deliverer deliverer_;

  std::map<kafka::TopicPartition, PartitionPtr> partitions_;
  std::vector<PartitionPtr> ending_;  // while they are given up
  /// Takes and give-backs under way, and records of former holds that have not ended: a partition is
  /// taken again only when there are none.
  std::map<kafka::TopicPartition, int> busy_;
  std::uint64_t group_events_ = 0;
  bool joined_ = false;
  bool stopping_ = false;
  bool over_ = false;
  bool giving_up_ = false;
  bool committing_ = false;
  bool starting_over_ = false;
  std::optional<Error> ledger_trouble_;
  int loops_ = 0;
  Signal changed_;
};

}  // namespace bongsu::delivery
