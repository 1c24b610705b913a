#pragma once
#include <bongsu/core/headers.hpp>
#include <bongsu/core/time.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bongsu::kafka {

/// One record to produce. An empty key is no key at all (its partition is then any).
struct Record {
  std::string topic;
  std::optional<int> partition;  ///< none: by the key's murmur2, as Java's clients do
  std::string key;
  std::string value;
  bool null_value = false;  ///< a tombstone; `value` is then ignored
  Headers headers;
  std::optional<Timestamp> timestamp;  ///< none: now
};

struct TopicPartition {
  std::string topic;
  int partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

/// A place in the log. In a delivery report, where the record lies; in a commit, the next to be read.
struct Position {
  std::string topic;
  int partition = 0;
  std::int64_t offset = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

/// One record as it was read. Its bytes are its own; nothing of librdkafka's is held.
struct Message {
  std::string_view topic;  ///< valid as long as the consumer that read it
  int partition = 0;
  std::int64_t offset = 0;
  std::string key;                   ///< empty when there is none
  std::optional<std::string> value;  ///< none is a tombstone
  Headers headers;
  Timestamp timestamp;  ///< 1970 when the broker gives none
};

}  // namespace bongsu::kafka
