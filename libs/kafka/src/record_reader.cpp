#include "client_events.hpp"
#include "configuration.hpp"
#include "conversion.hpp"
#include "event_queue.hpp"
#include "handle.hpp"
#include "metrics.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/core/signal.hpp>
#include <bongsu/kafka/record_reader.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace bongsu::kafka {
namespace {

/// Records between two that are wanted, which are rather read along than jumped over.
constexpr std::int64_t kGap = 200;
constexpr std::size_t kBatch = 500;

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
      : events_("record_reader"),
        changed_(executor),
        client_(std::move(client)),
        main_(executor, QueueHandle{rd_kafka_queue_get_main(client_.get())}),
        records_(executor, QueueHandle{rd_kafka_queue_new(client_.get())}) {
    rd_kafka_set_log_queue(client_.get(), nullptr);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { end(); }

  /// Errors and logs.
  static asio::awaitable<void> serve(std::shared_ptr<Impl> self) {
    while (!self->ended_) {
      self->main_.clear();
      while (auto event = self->main_.poll()) self->events_.handle(self->client_.get(), event.get());
      co_await self->main_.readable();
    }
  }

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
    records_.close();
    main_.close();
    topics_.clear();
    client_.reset();
    changed_.notify_all();
  }

 private:
  static std::unexpected<Error> closed() {
    return fail(ErrorCode::kCancelled, "kafka: the reader is closed");
  }

  rd_kafka_topic_t* topic_of(const std::string& name) {
    auto& topic = topics_[name];
    if (!topic) topic = TopicHandle{rd_kafka_topic_new(client_.get(), name.c_str(), nullptr)};
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
    cursor.reading =
        rd_kafka_consume_start_queue(cursor.topic, cursor.partition, cursor.begun, records_.get()) == 0;
    if (!cursor.reading) cursor.next = cursor.found.end();  // no such partition
  }

  void stop(Cursor& cursor) {
    if (!std::exchange(cursor.reading, false)) return;
    rd_kafka_consume_stop(cursor.topic, cursor.partition);
  }

  void stop_all() {
    for (auto& [partition, cursor] : cursors_) stop(cursor);
  }

  /// Takes what is here, or waits for something.
  asio::awaitable<void> drain(Clock::time_point until) {
    records_.clear();
    std::array<rd_kafka_message_t*, kBatch> batch{};
    std::size_t count = 0;
    bool any = false;
    do {
      const auto got = rd_kafka_consume_batch_queue(records_.get(), 0, batch.data(), batch.size());
      count = got > 0 ? static_cast<std::size_t>(got) : 0;
      for (std::size_t i = 0; i < count; ++i) take(MessageHandle{batch.at(i)});
      any = any || count > 0;
    } while (count == batch.size());
    using asio::experimental::awaitable_operators::operator||;
    if (!any) co_await (records_.readable() || sleep_for(until - Clock::now()));
  }

  void take(MessageHandle native) {
    const auto at = cursors_.find({rd_kafka_topic_name(native->rkt), native->partition});
    if (at == cursors_.end() || !at->second.reading) return;
    auto& cursor = at->second;
    if (native->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      events_.reached();
      advance(cursor, *native);
    } else if (native->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      events_.reached();
      cursor.next = cursor.found.end();  // it ends before what is still wanted
    } else if (native->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
               native->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
               native->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
      cursor.next = cursor.found.end();
    } else {
      consumer_metrics().read_errors.Increment();
      log::warning("kafka.read_error", {{"topic", cursor.name},
                                        {"partition", native->partition},
                                        {"error", rd_kafka_err2name(native->err)}});
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

  ClientEvents events_;
  Signal changed_;
  ClientHandle client_;
  EventQueue main_;
  EventQueue records_;
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
