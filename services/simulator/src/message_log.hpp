#pragma once
#include <bongsu/core/time.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace bongsu::simulator {

/// One POST as a provider saw it. Views: as long as the log is not written to.
struct Message {
  std::string_view channel;
  std::string_view recipient;
  std::string_view content;
  std::string_view idempotency_key;
  Timestamp received_at;
  int status = 0;  ///< 0: the connection was cut
};

/// The latest messages, packed one behind the other; whole blocks of the oldest go when there are too many.
class MessageLog {
 public:
  MessageLog(std::size_t max_messages, std::size_t max_bytes)
      : max_messages_(max_messages), max_bytes_(max_bytes) {}

  void add(const Message& message);
  void clear();
  std::size_t size() const { return size_; }

  using Filter = std::function<bool(const Message&)>;
  using Visit = std::function<void(const Message&)>;
  /// The latest `limit` of those that `filter` lets through, oldest first.
  void visit(std::size_t limit, const Filter& filter, const Visit& visit) const;

 private:
  struct Block {
    std::string bytes;
    std::size_t count = 0;
  };

  std::size_t max_messages_;
  std::size_t max_bytes_;
  std::deque<Block> blocks_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace bongsu::simulator
