#include <bongsu/core/assert.hpp>
#include <bongsu/events/topics.hpp>

namespace bongsu::events {
namespace {

using std::chrono::milliseconds;

/// -1 is Kafka's "without limit".
std::string retention(std::optional<milliseconds> keep) { return std::to_string(keep ? keep->count() : -1); }

TopicSpec spec(const TopicDefaults& defaults, std::string name, std::optional<milliseconds> keep,
               std::size_t max_bytes) {
  TopicSpec made{.name = std::move(name),
                 .partitions = defaults.partitions,
                 .replication = defaults.replication,
                 .config = {{"cleanup.policy", "delete"},
                            {"retention.ms", retention(keep)},
                            {"max.message.bytes", std::to_string(max_bytes)},
                            {"unclean.leader.election.enable", "false"},
                            {"min.insync.replicas", defaults.replication >= 3 ? "2" : "1"}}};
  return made;
}

TopicSpec compacted(const TopicDefaults& defaults, std::string name) {
  auto made = spec(defaults, std::move(name), std::nullopt, kMaxRequestBytes);
  made.config["cleanup.policy"] = "compact";
  return made;
}

TopicSpec channel_spec(const TopicDefaults& defaults, std::string name, ChannelTopic topic) {
  switch (topic) {
    case ChannelTopic::kRequest:
    case ChannelTopic::kBulk:
      return spec(defaults, std::move(name), defaults.request_retention, kMaxRequestBytes);
    case ChannelTopic::kReplay:
    case ChannelTopic::kRetry1m:
    case ChannelTopic::kRetry5m:
      return spec(defaults, std::move(name), defaults.retry_retention, kMaxFollowUpBytes);
    case ChannelTopic::kDlq:
      break;
  }
  return spec(defaults, std::move(name), defaults.dead_letter_retention, kMaxFollowUpBytes);
}

}  // namespace

std::string_view name_of(ChannelTopic topic) {
  switch (topic) {
    case ChannelTopic::kRequest:
      return "request";
    case ChannelTopic::kBulk:
      return "bulk";
    case ChannelTopic::kReplay:
      return "replay";
    case ChannelTopic::kRetry1m:
      return "retry.1m";
    case ChannelTopic::kRetry5m:
      return "retry.5m";
    case ChannelTopic::kDlq:
      return "dlq";
  }
  return "dlq";
}

Topics::Topics(std::string prefix) : prefix_(std::move(prefix)) {}

std::string Topics::of(Channel channel, ChannelTopic topic) const {
  auto name = prefix_;
  name.append(name_of(channel)).append(".").append(name_of(topic));
  return name;
}

std::string Topics::retry(Channel channel, std::size_t tier) const {
  require(tier < 2, "a retry tier: 0 or 1");
  return of(channel, tier == 0 ? ChannelTopic::kRetry1m : ChannelTopic::kRetry5m);
}

std::optional<Topics::Parsed> Topics::parse(std::string_view name) const {
  if (!name.starts_with(prefix_)) return std::nullopt;
  name.remove_prefix(prefix_.size());
  for (const auto channel : kChannels) {
    const auto of_channel = name_of(channel);
    if (!name.starts_with(of_channel) || name.substr(of_channel.size()).substr(0, 1) != ".") continue;
    for (const auto topic : kChannelTopics) {
      if (name.substr(of_channel.size() + 1) == name_of(topic)) return Parsed{channel, topic};
    }
  }
  return std::nullopt;
}

bool Topics::upstream_may_write(std::string_view name) const {
  if (name == signed_up()) return true;
  const auto parsed = parse(name);
  return parsed && (parsed->topic == ChannelTopic::kRequest || parsed->topic == ChannelTopic::kBulk);
}

std::vector<TopicSpec> Topics::all(const TopicDefaults& defaults) const {
  std::vector<TopicSpec> specs;
  specs.push_back(spec(defaults, signed_up(), defaults.request_retention, kMaxRequestBytes));
  for (const auto channel : kChannels) {
    for (const auto topic : kChannelTopics) {
      specs.push_back(channel_spec(defaults, of(channel, topic), topic));
    }
  }
  specs.push_back(spec(defaults, bulk_requested(), defaults.request_retention, kMaxRequestBytes));
  specs.push_back(spec(defaults, bulk_planned(), defaults.request_retention, kMaxRequestBytes));
  specs.push_back(compacted(defaults, job_control()));
  specs.push_back(spec(defaults, result(), defaults.retry_retention, kMaxRequestBytes));
  specs.push_back(spec(defaults, dead_letter_event(), std::nullopt, kMaxRequestBytes));
  specs.push_back(spec(defaults, events_dlq(), defaults.dead_letter_retention, kMaxFollowUpBytes));
  specs.push_back(spec(defaults, alert(), defaults.retry_retention, kMaxRequestBytes));
  return specs;
}

}  // namespace bongsu::events
