#pragma once
#include <bongsu/events/channel.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bongsu::events {

/// A channel's topics. A lane consumes one of them; kDlq is only written to.
enum class ChannelTopic : std::uint8_t { kRequest, kBulk, kReplay, kRetry1m, kRetry5m, kDlq };

inline constexpr std::array kChannelTopics{ChannelTopic::kRequest, ChannelTopic::kBulk,
                                           ChannelTopic::kReplay,  ChannelTopic::kRetry1m,
                                           ChannelTopic::kRetry5m, ChannelTopic::kDlq};

/// "request", "bulk", "replay", "retry.1m", "retry.5m", "dlq"
std::string_view name_of(ChannelTopic topic);

/// How many, and for how long; from configuration. Compared with the cluster by `bongsuctl topics`.
struct TopicDefaults {
  int partitions = 4;  ///< the same for all: one id then has one owner in all lanes of a channel
  int replication = 1;
  std::chrono::milliseconds request_retention = std::chrono::days{14};  ///< signed-up, requests, bulk
  std::chrono::milliseconds retry_retention = std::chrono::days{7};     ///< retries, replays, results
  std::optional<std::chrono::milliseconds> dead_letter_retention;       ///< none: kept without limit
};

/// One topic as it should be. `config` holds Kafka's own names and values.
struct TopicSpec {
  std::string name;
  int partitions = 0;
  int replication = 0;
  std::map<std::string, std::string> config;
};

/// The largest record of a request or a signup, overhead included: 1 MiB of value and its headers.
inline constexpr std::size_t kMaxRequestBytes = 1024 * 1024 + 64 * 1024;
/// Retries, replays and dead letters carry the same value with more headers: twice the size.
inline constexpr std::size_t kMaxFollowUpBytes = 2 * kMaxRequestBytes;

/// The names of all topics, the only place where they are put together.
/// Threads: any. Cheap to copy.
class Topics {
 public:
  explicit Topics(std::string prefix = "bongsu.");

  const std::string& prefix() const { return prefix_; }

  std::string of(Channel channel, ChannelTopic topic) const;
  std::string request(Channel channel) const { return of(channel, ChannelTopic::kRequest); }
  std::string bulk(Channel channel) const { return of(channel, ChannelTopic::kBulk); }
  std::string replay(Channel channel) const { return of(channel, ChannelTopic::kReplay); }
  /// `tier` 0 is retry.1m, 1 is retry.5m.
  std::string retry(Channel channel, std::size_t tier) const;
  std::string dlq(Channel channel) const { return of(channel, ChannelTopic::kDlq); }

  std::string signed_up() const { return prefix_ + "user.signed-up"; }
  std::string bulk_requested() const { return prefix_ + "bulk.requested"; }
  std::string bulk_planned() const { return prefix_ + "bulk.planned"; }
  std::string job_control() const { return prefix_ + "job.control"; }
  std::string result() const { return prefix_ + "delivery.result"; }
  std::string dead_letter_event() const { return prefix_ + "deadletters.event"; }
  /// What gateway, jobs or deadletters cannot use.
  std::string events_dlq() const { return prefix_ + "events.dlq"; }
  std::string alert() const { return prefix_ + "ops.alert"; }

  struct Parsed {
    Channel channel;
    ChannelTopic topic;
    friend bool operator==(const Parsed&, const Parsed&) = default;
  };
  /// Which of a channel's topics `name` is; nothing for any other topic.
  std::optional<Parsed> parse(std::string_view name) const;
  /// Whether others may produce to it: its headers of ours are then ignored.
  bool upstream_may_write(std::string_view name) const;

  /// Every topic as it should be.
  std::vector<TopicSpec> all(const TopicDefaults& defaults) const;

 private:
  std::string prefix_;
};

}  // namespace bongsu::events
