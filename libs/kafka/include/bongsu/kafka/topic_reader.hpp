#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/kafka/record.hpp>
#include <bongsu/kafka/settings.hpp>

#include <memory>
#include <string>
#include <vector>

namespace bongsu::kafka {

/// Reads a whole topic, all its partitions from their beginnings, and follows it: for compacted topics that
/// every replica must know in full. No group, nothing is committed. A topic that does not exist yet is
/// waited for; partitions that are added later are found within 30 s.
///
/// Ordering: a partition's records in the order of their offsets, each once.
/// Threads: the io_context's one thread; one next() at a time. Lifetime: moving is cheap. Destroyed without
///   close() it waits for a call to the broker under way, at most seconds.
class TopicReader {
 public:
  /// Does not wait for a connection. Errors: kInvalidArgument (settings that librdkafka refuses).
  static Result<TopicReader> open(const asio::any_io_executor& executor, const ClusterSettings& settings,
                                  std::string topic);
  TopicReader(TopicReader&& other) noexcept;
  TopicReader& operator=(TopicReader&& other) noexcept;
  ~TopicReader();

  /// Waits for records, or for caught_up() to become true; then what is there. Empty as well after close().
  asio::awaitable<std::vector<Message>> next();

  /// Whether next() has given out everything that was in the topic when it was first looked at. Stays true.
  bool caught_up() const;

  bool closed() const;
  asio::awaitable<void> close();

 private:
  class Impl;
  explicit TopicReader(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace bongsu::kafka
