#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/kafka/record.hpp>
#include <bongsu/kafka/settings.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace bongsu::kafka {

/// Reads single records by their places, as an index of a topic needs them. No group, nothing is committed.
/// Places close to each other are read in one go, so ask for many at once, roughly in the topic's order.
///
/// Errors: kTimeout (the broker is away, took longer than the limit, or there is no such partition);
/// kCancelled
///   (closed).
/// Ordering: calls of read() take turns.
/// Threads: the io_context's one thread. Lifetime: moving is cheap; close() ends a read under way. The topic
///   of a message stays valid as long as the reader.
class RecordReader {
 public:
  /// Does not wait for a connection. Errors: kInvalidArgument (settings that librdkafka refuses).
  static Result<RecordReader> open(const asio::any_io_executor& executor, const ClusterSettings& settings);
  RecordReader(RecordReader&& other) noexcept;
  RecordReader& operator=(RecordReader&& other) noexcept;
  ~RecordReader();

  /// What lies at each of the places, in their order; nothing where no record is (retention has deleted it,
  /// or there never was one).
  asio::awaitable<Result<std::vector<std::optional<Message>>>> read(
      std::vector<Position> places, std::chrono::milliseconds limit = std::chrono::seconds{10});

  void close();

 private:
  class Impl;
  explicit RecordReader(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace bongsu::kafka
