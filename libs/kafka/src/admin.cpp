#include "admin_impl.hpp"
#include "configuration.hpp"
#include "errors.hpp"

#include <bongsu/kafka/admin.hpp>

#include <array>
#include <utility>

namespace bongsu::kafka {
namespace {

using NewTopicHandle = std::unique_ptr<rd_kafka_NewTopic_t, Free<&rd_kafka_NewTopic_destroy>>;
using DeleteTopicHandle = std::unique_ptr<rd_kafka_DeleteTopic_t, Free<&rd_kafka_DeleteTopic_destroy>>;
using NewPartitionsHandle = std::unique_ptr<rd_kafka_NewPartitions_t, Free<&rd_kafka_NewPartitions_destroy>>;
using ConfigResourceHandle =
    std::unique_ptr<rd_kafka_ConfigResource_t, Free<&rd_kafka_ConfigResource_destroy>>;

template <class Handle>
auto native_pointers(const std::vector<Handle>& handles) {
  std::vector<typename Handle::pointer> pointers;
  pointers.reserve(handles.size());
  for (const auto& handle : handles) pointers.push_back(handle.get());
  return pointers;
}

/// Errors: kInvalidArgument.
Result<NewTopicHandle> to_native(const TopicSpec& spec) {
  std::array<char, 256> why{};
  NewTopicHandle topic{
      rd_kafka_NewTopic_new(spec.name.c_str(), spec.partitions, spec.replication, why.data(), why.size())};
  if (!topic) return fail(ErrorCode::kInvalidArgument, std::string{"kafka: topic: "} + why.data());
  for (const auto& [name, value] : spec.configs)
    rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  return topic;
}

/// Answers by name, put in the order of `names`; `whole` is the answer where Kafka gave none.
std::vector<Result<void>> in_order(const std::vector<std::string>& names,
                                   const rd_kafka_topic_result_t** results, std::size_t count,
                                   std::string_view what) {
  std::map<std::string_view, rd_kafka_resp_err_t> codes;
  for (std::size_t i = 0; i < count; ++i)
    codes.emplace(rd_kafka_topic_result_name(results[i]), rd_kafka_topic_result_error(results[i]));
  std::vector<Result<void>> answers;
  for (const auto& name : names) {
    const auto found = codes.find(name);
    if (found == codes.end()) {
      answers.emplace_back(fail(ErrorCode::kInternal, "kafka: no answer for this topic"));
    } else if (found->second == RD_KAFKA_RESP_ERR_NO_ERROR) {
      answers.emplace_back();
    } else {
      answers.emplace_back(std::unexpected(to_error(found->second, what)));
    }
  }
  return answers;
}

std::vector<Result<void>> all(std::size_t count, const Error& error) {
  return std::vector<Result<void>>(count, std::unexpected(error));
}

}  // namespace

Result<Admin> Admin::open(const asio::any_io_executor& executor, const ClusterSettings& settings) {
  auto client = Configuration{settings}.create(RD_KAFKA_PRODUCER);
  if (!client) return std::unexpected(client.error());
  auto impl = std::make_shared<Impl>(executor, std::move(*client));
  spawn(executor, "kafka.admin", Impl::serve(impl));
  return Admin{std::move(impl)};
}

Admin::Admin(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Admin::Admin(Admin&& other) noexcept = default;

Admin& Admin::operator=(Admin&& other) noexcept {
  if (this == &other) return *this;
  if (impl_) impl_->end();
  impl_ = std::move(other.impl_);
  return *this;
}

Admin::~Admin() {
  if (impl_) impl_->end();
}

asio::awaitable<Result<ClusterState>> Admin::cluster(std::chrono::milliseconds timeout) {
  auto metadata = co_await Impl::metadata(impl_, timeout);
  if (!metadata) co_return std::unexpected(metadata.error());
  ClusterState state{.brokers = metadata->brokers, .controller = metadata->controller, .leaderless = {}};
  for (const auto& [name, topic] : metadata->topics) state.leaderless.emplace(name, topic.leaderless);
  co_return state;
}

asio::awaitable<Result<std::vector<TopicDescription>>> Admin::describe(std::vector<std::string> names,
                                                                       std::chrono::milliseconds timeout) {
  auto impl = impl_;
  auto metadata = co_await Impl::metadata(impl, timeout);
  if (!metadata) co_return std::unexpected(metadata.error());
  std::vector<std::string> existing;
  for (const auto& name : names)
    if (metadata->topics.contains(name)) existing.push_back(name);
  auto configs = co_await Impl::configs(impl, existing, timeout);
  if (!configs) co_return std::unexpected(configs.error());
  std::vector<TopicDescription> descriptions;
  for (auto& name : existing) {
    const auto& topic = metadata->topics.at(name);
    descriptions.push_back({.name = name,
                            .partitions = topic.partitions,
                            .replication = topic.replication,
                            .leaderless = topic.leaderless,
                            .configs = std::move((*configs)[name])});
  }
  co_return descriptions;
}

asio::awaitable<Result<std::map<TopicPartition, PartitionBounds>>> Admin::bounds(
    std::vector<std::string> names, std::chrono::milliseconds timeout) {
  auto impl = impl_;
  auto metadata = co_await Impl::metadata(impl, timeout);
  if (!metadata) co_return std::unexpected(metadata.error());
  std::vector<TopicPartition> partitions;
  for (const auto& name : names) {
    const auto found = metadata->topics.find(name);
    if (found == metadata->topics.end()) continue;
    for (int partition = 0; partition < found->second.partitions; ++partition)
      partitions.push_back({name, partition});
  }
  co_return co_await Impl::bounds(impl, std::move(partitions), timeout);
}

asio::awaitable<Result<std::map<std::string, std::map<std::string, std::string>>>> Admin::Impl::configs(
    std::shared_ptr<Impl> self, std::vector<std::string> topics, std::chrono::milliseconds timeout) {
  std::map<std::string, std::map<std::string, std::string>> found;
  if (topics.empty()) co_return found;
  std::vector<ConfigResourceHandle> resources;
  for (const auto& topic : topics)
    resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  auto pointers = native_pointers(resources);
  auto answer =
      co_await ask(std::move(self), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout,
                   [&](auto* client, const auto* options, auto* queue) {
                     rd_kafka_DescribeConfigs(client, pointers.data(), pointers.size(), options, queue);
                   });
  if (!answer) co_return std::unexpected(answer.error());
  std::size_t count = 0;
  const auto** described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer->get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_ConfigResource_error(described[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) co_return std::unexpected(to_error(code, "describe configs"));
    std::size_t entries = 0;
    const auto** configs = rd_kafka_ConfigResource_configs(described[i], &entries);
    auto& values = found[rd_kafka_ConfigResource_name(described[i])];
    for (std::size_t j = 0; j < entries; ++j) {
      const char* value = rd_kafka_ConfigEntry_value(configs[j]);
      values.emplace(rd_kafka_ConfigEntry_name(configs[j]), value == nullptr ? "" : value);
    }
  }
  co_return found;
}

asio::awaitable<std::vector<Result<void>>> Admin::create(std::vector<TopicSpec> topics,
                                                         std::chrono::milliseconds timeout) {
  if (topics.empty()) co_return std::vector<Result<void>>{};
  std::vector<NewTopicHandle> wanted;
  std::vector<std::string> names;
  for (const auto& spec : topics) {
    auto topic = to_native(spec);
    if (!topic) co_return all(topics.size(), topic.error());
    wanted.push_back(std::move(*topic));
    names.push_back(spec.name);
  }
  auto pointers = native_pointers(wanted);
  auto answer = co_await Impl::ask(
      impl_, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout, [&](auto* client, const auto* options, auto* queue) {
        rd_kafka_CreateTopics(client, pointers.data(), pointers.size(), options, queue);
      });
  if (!answer) co_return all(topics.size(), answer.error());
  std::size_t count = 0;
  const auto** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer->get()), &count);
  co_return in_order(names, results, count, "create topic");
}

asio::awaitable<std::vector<Result<void>>> Admin::remove(std::vector<std::string> names,
                                                         std::chrono::milliseconds timeout) {
  if (names.empty()) co_return std::vector<Result<void>>{};
  std::vector<DeleteTopicHandle> unwanted;
  for (const auto& name : names) unwanted.emplace_back(rd_kafka_DeleteTopic_new(name.c_str()));
  auto pointers = native_pointers(unwanted);
  auto answer = co_await Impl::ask(
      impl_, RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout, [&](auto* client, const auto* options, auto* queue) {
        rd_kafka_DeleteTopics(client, pointers.data(), pointers.size(), options, queue);
      });
  if (!answer) co_return all(names.size(), answer.error());
  std::size_t count = 0;
  const auto** results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(answer->get()), &count);
  co_return in_order(names, results, count, "delete topic");
}

asio::awaitable<Result<void>> Admin::add_partitions(std::string topic, int total,
                                                    std::chrono::milliseconds timeout) {
  std::array<char, 256> why{};
  const NewPartitionsHandle wanted{
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(total), why.data(), why.size())};
  if (!wanted) co_return fail(ErrorCode::kInvalidArgument, std::string{"kafka: partitions: "} + why.data());
  auto* pointer = wanted.get();
  auto answer = co_await Impl::ask(impl_, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, timeout,
                                   [&](auto* client, const auto* options, auto* queue) {
                                     rd_kafka_CreatePartitions(client, &pointer, 1, options, queue);
                                   });
  if (!answer) co_return std::unexpected(answer.error());
  std::size_t count = 0;
  const auto** results =
      rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(answer->get()), &count);
  co_return in_order({topic}, results, count, "add partitions").front();
}

}  // namespace bongsu::kafka
