#include "kafka_world.hpp"

#include "support/run.hpp"

#include <bongsu/kafka/consumer.hpp>
#include <bongsu/kafka/producer.hpp>
#include <bongsu/kafka/topic_reader.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

namespace bongsu::support {
namespace {

using namespace std::chrono_literals;

std::string needed(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    throw std::runtime_error(fmt::format(
        "{} is not set: this test needs a real Kafka broker. `tests/run integration` starts one and runs "
        "everything; or `tests/support/infra up DIR`, then `source DIR/env` and ctest.",
        name));
  }
  return value;
}

std::string fresh_prefix() {
  std::random_device random;
  return fmt::format("t{:08x}.", random());
}

void outage(const char* verb) {
  const auto command = fmt::format("'{}' kafka {}", needed("BONGSU_TEST_INFRA"), verb);
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

/// Takes what has come of each partition, `topic` being the world's own name of it.
void collect(kafka::Consumer& consumer, const std::vector<kafka::TopicPartition>& partitions,
             std::string_view topic, std::vector<kafka::Message>& found) {
  for (const auto& partition : partitions) {
    for (auto& message : consumer.poll(partition, 100'000)) {
      message.topic = topic;
      found.push_back(std::move(message));
    }
  }
}

/// The controller answers before the broker knows of what it created.
asio::awaitable<bool> until_led(kafka::Admin& admin, std::vector<kafka::TopicSpec> topics) {
  for (;;) {
    const auto state = good(co_await admin.cluster(30s));
    const bool all = std::ranges::all_of(topics, [&](const kafka::TopicSpec& topic) {
      const auto found = state.leaderless.find(topic.name);
      return found != state.leaderless.end() && found->second == 0;
    });
    if (all) co_return true;
    co_await sleep_for(5ms);
  }
}

}  // namespace

KafkaWorld::KafkaWorld() : brokers_(needed("BONGSU_TEST_KAFKA")), prefix_(fresh_prefix()) {}

KafkaWorld::~KafkaWorld() {
  std::vector<std::string> ours;
  for (const auto& topic : topics_)
    if (topic.starts_with(prefix_)) ours.push_back(topic);
  try {
    auto admin = good(kafka::Admin::open(io_.get_executor(), cluster()));
    run(io_, admin.remove(ours, 10s));
  } catch (const std::exception& left_behind) {
    // The broker goes with the run, and its data with it.
    std::fprintf(stderr, "topics were left behind: %s\n", left_behind.what());
  }
}

kafka::ClusterSettings KafkaWorld::cluster() const {
  return {.brokers = brokers_, .client_id = "test", .security = {}};
}

kafka::ProducerSettings KafkaWorld::producer() const {
  kafka::ProducerSettings settings;
  settings.cluster = cluster();
  return settings;
}

kafka::ConsumerSettings KafkaWorld::consumer(std::string_view group) const {
  kafka::ConsumerSettings settings;
  settings.cluster = cluster();
  settings.group = prefix_ + std::string{group};
  return settings;
}

std::string KafkaWorld::create_topic(std::string_view name, int partitions,
                                     std::map<std::string, std::string> configs) {
  auto full = prefix_ + std::string{name};
  create_topics({{.name = full, .partitions = partitions, .replication = 1, .configs = std::move(configs)}});
  return full;
}

void KafkaWorld::create_topics(std::vector<kafka::TopicSpec> topics) {
  for (const auto& topic : topics) topics_.insert(topic.name);
  auto admin = good(kafka::Admin::open(io_.get_executor(), cluster()));
  auto answers = run(io_, admin.create(topics, kLimit - 5s), kLimit);
  for (auto& created : answers) good(std::move(created));
  run(io_, until_led(admin, std::move(topics)), kLimit);
}

events::Topics KafkaWorld::create_all_topics() {
  events::Topics names{prefix_};
  std::vector<kafka::TopicSpec> topics;
  for (const auto& spec : names.all({})) {
    topics.push_back({.name = spec.name,
                      .partitions = spec.partitions,
                      .replication = spec.replication,
                      .configs = spec.config});
  }
  create_topics(std::move(topics));
  return names;
}

void KafkaWorld::produce(std::vector<kafka::Record> records) {
  run(io_, produce_soon(std::move(records)), kLimit);
}

asio::awaitable<bool> KafkaWorld::produce_soon(std::vector<kafka::Record> records) {
  auto producer = good(kafka::Producer::open(co_await asio::this_coro::executor, this->producer()));
  for (auto& delivered : co_await producer.send_all(std::move(records))) good(std::move(delivered));
  co_return true;
}

std::vector<kafka::Message> KafkaWorld::read(const std::string& topic, std::size_t count,
                                             std::chrono::seconds limit) {
  return run(io_, read_soon(topic, count, limit), limit + 5s);
}

asio::awaitable<std::vector<kafka::Message>> KafkaWorld::read_soon(std::string topic, std::size_t count,
                                                                   std::chrono::seconds limit) {
  const std::string_view name = *topics_.insert(topic).first;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  auto settings = consumer(fmt::format("reader-{}", ++readers_));
  auto consumer = good(kafka::Consumer::open(co_await asio::this_coro::executor, settings));
  good(consumer.subscribe({topic}));
  const auto event = co_await consumer.next_event();
  if (!std::holds_alternative<kafka::Assigned>(event)) throw std::runtime_error("no assignment of " + topic);
  const auto partitions = std::get<kafka::Assigned>(event).partitions;
  good(co_await consumer.assign(partitions));
  std::vector<kafka::Message> found;
  for (;;) {
    collect(consumer, partitions, name, found);
    if (found.size() >= count) break;
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error(
          fmt::format("{} of {} records of {} came in time", found.size(), count, topic));
    co_await sleep_for(5ms);
  }
  co_await consumer.close();
  co_return found;
}

std::vector<kafka::Message> KafkaWorld::read_all(const std::string& topic, std::chrono::seconds limit) {
  return run(io_, read_to_the_end(topic), limit);
}

asio::awaitable<std::vector<kafka::Message>> KafkaWorld::read_to_the_end(std::string topic) {
  const std::string_view name = *topics_.insert(topic).first;
  auto reader = good(kafka::TopicReader::open(co_await asio::this_coro::executor, cluster(), topic));
  std::vector<kafka::Message> found;
  while (!reader.caught_up()) {
    for (auto& record : co_await reader.next()) {
      record.topic = name;
      found.push_back(std::move(record));
    }
  }
  co_await reader.close();
  co_return found;
}

void KafkaWorld::kill_broker() const { outage("kill"); }
void KafkaWorld::start_broker() const { outage("start"); }

}  // namespace bongsu::support
