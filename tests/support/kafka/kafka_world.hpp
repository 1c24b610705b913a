#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/kafka/admin.hpp>
#include <bongsu/kafka/record.hpp>
#include <bongsu/kafka/settings.hpp>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::support {

/// Topics and groups of the test's own on the broker that BONGSU_TEST_KAFKA names. Deleted at the end.
/// Throws when that broker is missing, and whenever something does not happen in time: nothing is skipped.
///
///   KafkaWorld kafka;
///   const auto topic = kafka.create_topic("orders", 4);
///   kafka.produce({{.topic = topic, .key = "7", .value = "hello"}});
///   EXPECT_EQ(kafka.read(topic, 1).front().value, "hello");
///
/// What ends in _soon is for coroutines on the test's own loop; the others block.
class KafkaWorld {
 public:
  static constexpr std::chrono::seconds kLimit{60};

  KafkaWorld();
  KafkaWorld(const KafkaWorld&) = delete;
  KafkaWorld& operator=(const KafkaWorld&) = delete;
  ~KafkaWorld();

  const std::string& brokers() const { return brokers_; }
  /// Ends with a dot; no other world has it.
  const std::string& prefix() const { return prefix_; }
  kafka::ClusterSettings cluster() const;
  kafka::ProducerSettings producer() const;
  /// `group` gets the prefix.
  kafka::ConsumerSettings consumer(std::string_view group) const;

  /// Returns its whole name, prefix included.
  std::string create_topic(std::string_view name, int partitions = 1,
                           std::map<std::string, std::string> configs = {});
  /// Names as they are; they should carry the prefix.
  void create_topics(std::vector<kafka::TopicSpec> topics);

  /// Every topic of Bongsu's, under the prefix.
  events::Topics create_all_topics();

  void produce(std::vector<kafka::Record> records);
  asio::awaitable<bool> produce_soon(std::vector<kafka::Record> records);

  /// Everything in the topic from its beginning, once there are at least `count` records; each partition in
  /// its order. Their topic stays valid as long as the world.
  std::vector<kafka::Message> read(const std::string& topic, std::size_t count,
                                   std::chrono::seconds limit = kLimit);
  /// Everything that is in the topic now, to the last record.
  std::vector<kafka::Message> read_all(const std::string& topic, std::chrono::seconds limit = kLimit);
  asio::awaitable<std::vector<kafka::Message>> read_soon(std::string topic, std::size_t count,
                                                         std::chrono::seconds limit = kLimit);

  /// An outage of the broker for everybody who uses it: tests that call these run alone (RESOURCE_LOCK).
  void kill_broker() const;
  /// Returns when it answers again.
  void start_broker() const;

 private:
  asio::awaitable<std::vector<kafka::Message>> read_to_the_end(std::string topic);

  std::string brokers_;
  std::string prefix_;
  asio::io_context io_;
  std::set<std::string> topics_;
  int readers_ = 0;
};

}  // namespace bongsu::support
