#include "configuration.hpp"
#include "conversion.hpp"
#include "simple_consumer.hpp"

#include <bongsu/core/signal.hpp>
#include <bongsu/kafka/record_reader.hpp>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace bongsu::kafka {
namespace {

/// Records between two that are wanted, which are rather read along than jumped over.
constexpr std::int64_t kGap = 200;

using Clock = std::chrono::steady_clock;
using Found = std::map<std::int64_t, std::optional<Message>>;  // wanted offsets of one partition, in order

/// One partition's way through its wanted offsets.
struct Cursor {
  rd_kafka_topic_t* topic = nullptr;
  std::string_view name;
  int partition = 0;
  Found found;
  Found::iterator next;  ///< the least one that is not settled
  std::int64_t begun = 0;
  bool reading = false;
};

}  // namespace

class RecordReader::Impl {
 public:
  Impl(const asio::any_io_executor& executor, ClientHandle client)
      : changed_(executor), consumer_(executor, std::move(client), "record_reader") {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { end(); }

  static asio::awaitable<void> serve(std::shared_ptr<Impl> self) { co_await self->consumer_.serve(); }

  static asio::awaitable<Result<std::vector<std::optional<Message>>>> read(std::shared_ptr<Impl> self,
                                                                           std::vector<Position> places,
                                                                           std::chrono::milliseconds limit) {
    while (self->busy_ && !self->ended_) co_await self->changed_.wait();
    if (self->ended_) co_return closed();
    self->busy_ = true;
    self->begin(places);
    const auto until = Clock::now() + limit;
    while (!self->ended_ && self->start_some() && Clock::now() < until) co_await self->drain(until);
    const bool settled = self->ended_ || !self->start_some();
    self->stop_all();
    self->busy_ = false;
    self->changed_.notify_all();
    if (self->ended_) co_return closed();
    if (!settled) co_return fail(ErrorCode::kTimeout, "kafka: the records could not be read in time");
    co_return self->answer(places);
  }

  void end() {
    if (std::exchange(ended_, true)) return;
    stop_all();
    topics_.clear();
    consumer_.close();
    changed_.notify_all();
  }

 private:
  static std::unexpected<Error> closed() {
    return fail(ErrorCode::kCancelled, "kafka: the reader is closed");
  }

  rd_kafka_topic_t* topic_of(const std::string& name) {
    auto& topic = topics_[name];
    if (!topic) topic = consumer_.topic(name);
    return topic.get();
  }

  void begin(const std::vector<Position>& places) {
    cursors_.clear();
    for (const auto& place : places) {
      auto& cursor = cursors_[{place.topic, place.partition}];
      cursor.topic = topic_of(place.topic);
      cursor.name = topics_.find(place.topic)->first;
      cursor.partition = place.partition;
      cursor.found.try_emplace(place.offset);
    }
    for (auto& [partition, cursor] : cursors_) cursor.next = cursor.found.begin();
  }

  /// Begins to fetch where something is wanted and nothing is under way. False: all is settled.
  bool start_some() {
    bool open = false;
    for (auto& [partition, cursor] : cursors_) {
      // No such place: below zero.
      while (cursor.next != cursor.found.end() && cursor.next->first < 0) ++cursor.next;
      if (cursor.next != cursor.found.end() && !cursor.reading) start(cursor);
      open = open || cursor.next != cursor.found.end();
    }
    return open;
  }

  void start(Cursor& cursor) {
    cursor.begun = cursor.next->first;
    cursor.reading = consumer_.start(cursor.topic, cursor.partition, cursor.begun);
    if (!cursor.reading) cursor.next = cursor.found.end();  // no such partition
  }

  void stop(Cursor& cursor) {
    if (!std::exchange(cursor.reading, false)) return;
    SimpleConsumer::stop(cursor.topic, cursor.partition);
  }

  void stop_all() {
    for (auto& [partition, cursor] : cursors_) stop(cursor);
  }

  /// Takes what is here, or waits for something.
  asio::awaitable<void> drain(Clock::time_point until) {
    const bool any = consumer_.take_all([this](MessageHandle native) { take(std::move(native)); });
    using asio::experimental::awaitable_operators::operator||;
    if (!any) co_await (consumer_.readable() || sleep_for(until - Clock::now()));
  }

  void take(MessageHandle native) {
    const auto at = cursors_.find({rd_kafka_topic_name(native->rkt), native->partition});
    if (at == cursors_.end() || !at->second.reading) return;
    auto& cursor = at->second;
    if (native->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      consumer_.reached();
      advance(cursor, *native);
    } else if (native->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      consumer_.reached();
      cursor.next = cursor.found.end();  // it ends before what is still wanted
    } else if (native->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
               native->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
               native->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
      cursor.next = cursor.found.end();
    } else {
      SimpleConsumer::failed(cursor.name, *native);
    }
    if (cursor.next == cursor.found.end() || far_from(cursor, *native)) stop(cursor);
  }

  static void advance(Cursor& cursor, const rd_kafka_message_t& native) {
    // Before where reading began: that lies behind the topic's end, and reading was set back.
    if (native.offset < cursor.begun) {
      cursor.next = cursor.found.end();
      return;
    }
    while (cursor.next != cursor.found.end() && cursor.next->first < native.offset) ++cursor.next;
    if (cursor.next == cursor.found.end() || cursor.next->first != native.offset) return;
    cursor.next->second = to_message(native, cursor.name);
    ++cursor.next;
  }

  static bool far_from(const Cursor& cursor, const rd_kafka_message_t& native) {
    return native.err == RD_KAFKA_RESP_ERR_NO_ERROR && cursor.next->first > native.offset + kGap;
  }

  std::vector<std::optional<Message>> answer(const std::vector<Position>& places) {
    std::vector<std::optional<Message>> messages;
    messages.reserve(places.size());
    for (const auto& place : places)
      messages.push_back(cursors_.at({place.topic, place.partition}).found.at(place.offset));
    cursors_.clear();
    return messages;
  }

  Signal changed_;
  SimpleConsumer consumer_;
  std::map<std::string, TopicHandle> topics_;
  std::map<std::pair<std::string, int>, Cursor> cursors_;
  bool busy_ = false;
  bool ended_ = false;
};

Result<RecordReader> RecordReader::open(const asio::any_io_executor& executor,
                                        const ClusterSettings& settings) {
  auto configuration = reader_configuration_of(settings);
  configuration.set("fetch.wait.max.ms", 10);
  auto client = std::move(configuration).create(RD_KAFKA_CONSUMER);
  if (!client) return std::unexpected(client.error());
  auto impl = std::make_shared<Impl>(executor, std::move(*client));
  spawn(executor, "kafka.record_reader", Impl::serve(impl));
  return RecordReader{std::move(impl)};
}

RecordReader::RecordReader(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordReader::RecordReader(RecordReader&& other) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&& other) noexcept {
  if (this == &other) return *this;
  if (impl_) impl_->end();
  impl_ = std::move(other.impl_);
  return *this;
}
RecordReader::~RecordReader() {
  if (impl_) impl_->end();
}

asio::awaitable<Result<std::vector<std::optional<Message>>>> RecordReader::read(
    std::vector<Position> places, std::chrono::milliseconds limit) {
  return Impl::read(impl_, std::move(places), limit);
}

void RecordReader::close() { impl_->end(); }

}  // namespace bongsu::kafka
