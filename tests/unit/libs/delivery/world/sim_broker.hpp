#pragma once
#include "witness.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/delivery/log.hpp>

#include <deque>
#include <map>
#include <memory>

namespace bongsu::world {

class SimLog;

/// The one Kafka of a history: topics, and the coordinator of the one consumer group (range assignment,
/// eager: everybody gives up before anybody gets).
class Broker {
 public:
  Broker(Simulation& sim, int partitions) : sim_(sim), partitions_(partitions) {}
  void watched_by(Witness& witness) { witness_ = &witness; }
  void take_no_more_than(std::set<Uuid> oversized) { oversized_ = std::move(oversized); }
  void consumed(std::vector<std::string> topics) { consumed_ = std::move(topics); }

  // Topics.
  /// Where a record with this key lies; `again`: where a copy of it lies when the rule is off.
  int partition_of(const std::string& key, bool again);
  void append(const kafka::Record& record, Timestamp now);
  bool refuses(const kafka::Record& record) const;
  const Stored* find(const kafka::TopicPartition& where, std::int64_t offset) const;
  std::vector<const Stored*> between(const kafka::TopicPartition& where, std::int64_t from,
                                     std::int64_t to) const;
  std::int64_t committed(const kafka::TopicPartition& where) const;
  std::int64_t end(const kafka::TopicPartition& where) const;
  bool commit(const SimLog& by, int generation, const std::vector<kafka::Position>& next);
  const std::string* interned(const std::string& topic) const;
  /// All that was consumed is committed.
  bool quiet() const;

  // The group.
  void opened(SimLog& log) { logs_.push_back(&log); }
  void left(SimLog& log);
  void rebalance();
  /// Heartbeats, sessions and the next generation; four times a second.
  void tick();
  std::size_t members() const { return members_.size(); }
  int generation() const { return generation_; }

  Moment down_until{};
  bool up() const { return sim_.now() >= down_until; }

 private:
  struct Member {
    bool ready = false;  ///< has given up everything, and waits for the next generation
    Moment seen;
  };
  struct Partition {
    std::vector<Stored> records;
    std::int64_t end = 0;
    std::int64_t committed = 0;
  };

  void heartbeat(SimLog& log);
  void next_generation();
  std::vector<kafka::TopicPartition> share_of(std::size_t member) const;

  Simulation& sim_;
  int partitions_;
  Witness* witness_ = nullptr;
  std::vector<std::string> consumed_;
  std::map<kafka::TopicPartition, Partition> log_;
  std::map<std::string, std::string> names_;
  std::set<Uuid> oversized_;

  std::vector<SimLog*> logs_;
  std::map<std::size_t, Member> members_;  // by their place in logs_
  std::map<std::size_t, std::vector<kafka::TopicPartition>> shares_;
  int generation_ = 1;
  bool rebalancing_ = false;
  Moment patience_ends_{};
};

/// One life's consumer and producer.
class SimLog final : public delivery::Log {
 public:
  SimLog(Life& life, Broker& broker, const Clock& clock);

  Result<void> subscribe(const std::vector<std::string>& topics) override;
  asio::awaitable<kafka::GroupEvent> next_event() override;
  asio::awaitable<Result<std::vector<kafka::PartitionStart>>> assign(
      std::vector<kafka::TopicPartition> partitions) override;
  Result<void> unassign() override;
  std::vector<kafka::Message> poll(const kafka::TopicPartition& partition, std::size_t max_records) override;
  asio::awaitable<void> readable(kafka::TopicPartition partition) override;
  asio::awaitable<Result<void>> commit(std::vector<kafka::Position> next) override;
  asio::awaitable<void> leave() override;
  asio::awaitable<Result<kafka::Position>> publish(kafka::Record& record) override;

  Life& life() { return life_; }
  bool reachable() const;
  bool in_the_group() const { return subscribed_ && !left_; }
  bool has_assignment() const { return generation_ != 0; }
  bool is_answering() const { return answering_; }
  int generation() const { return generation_; }
  Moment last_contact{};

  void give(kafka::GroupEvent event);
  void assigned(int generation, std::vector<kafka::TopicPartition> partitions);
  void take_back(bool lost);
  /// Wakes the readers that have something to read.
  void notify_readers();

 private:
  struct Reader {
    Reader(const asio::any_io_executor& executor, std::int64_t start) : position(start), changed(executor) {}
    std::int64_t position;
    Signal changed;
  };
  using Published = std::function<void(Result<void>)>;

  void deliver(const kafka::Record& record, Moment deadline, const Published& report);

  Life& life_;
  Simulation& sim_;
  Broker& broker_;
  const Clock& clock_;
  bool subscribed_ = false;
  bool left_ = false;
  bool closed_ = false;
  int generation_ = 0;      // of the assignment, 0: none
  bool answering_ = false;  // revoked or lost, and not yet unassigned
  std::vector<kafka::TopicPartition> assigned_;
  Moment last_commit_{};  // when it arrives: they stay in order
  std::deque<kafka::GroupEvent> events_;
  Signal changed_;
  std::map<kafka::TopicPartition, std::shared_ptr<Reader>> readers_;
};

}  // namespace bongsu::world
