#include "message_log.hpp"

#include <array>
#include <cstring>

namespace bongsu::simulator {
namespace {

constexpr std::size_t kBlock = 1U << 20;

/// What stands in front of a message's texts.
struct Head {
  std::int64_t received_at;
  std::int32_t status;
  std::array<std::uint32_t, 4> lengths;
};

Message read(std::string_view bytes, std::size_t& at) {
  Head head{};
  std::memcpy(&head, bytes.data() + at, sizeof(head));
  at += sizeof(head);
  std::array<std::string_view, 4> texts;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    texts[i] = bytes.substr(at, head.lengths[i]);
    at += head.lengths[i];
  }
  return {.channel = texts[0],
          .recipient = texts[1],
          .content = texts[2],
          .idempotency_key = texts[3],
          .received_at = Timestamp{std::chrono::milliseconds{head.received_at}},
          .status = head.status};
}

}  // namespace

void MessageLog::add(const Message& message) {
  const std::array texts{message.channel, message.recipient, message.content, message.idempotency_key};
  Head head{
      .received_at = message.received_at.time_since_epoch().count(), .status = message.status, .lengths = {}};
  for (std::size_t i = 0; i < texts.size(); ++i)
    head.lengths[i] = static_cast<std::uint32_t>(texts[i].size());
  if (blocks_.empty() || blocks_.back().bytes.size() >= kBlock) blocks_.emplace_back();
  auto& block = blocks_.back();
  const auto before = block.bytes.size();
  block.bytes.append(reinterpret_cast<const char*>(&head), sizeof(head));
  for (const auto text : texts) block.bytes.append(text);
  bytes_ += block.bytes.size() - before;
  ++block.count;
  ++size_;
  while (blocks_.size() > 1 && (size_ - blocks_.front().count >= max_messages_ || bytes_ > max_bytes_)) {
    size_ -= blocks_.front().count;
    bytes_ -= blocks_.front().bytes.size();
    blocks_.pop_front();
  }
}

void MessageLog::clear() {
  blocks_.clear();
  size_ = 0;
  bytes_ = 0;
}

void MessageLog::visit(std::size_t limit, const Filter& filter, const Visit& visit) const {
  std::deque<Message> latest;
  for (const auto& block : blocks_) {
    for (std::size_t at = 0; at < block.bytes.size();) {
      const auto message = read(block.bytes, at);
      if (limit == 0 || !filter(message)) continue;
      if (latest.size() == limit) latest.pop_front();
      latest.push_back(message);
    }
  }
  for (const auto& message : latest) visit(message);
}

}  // namespace bongsu::simulator
