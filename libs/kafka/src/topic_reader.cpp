#include "blocking_calls.hpp"
#include "client_events.hpp"
#include "configuration.hpp"
#include "conversion.hpp"
#include "errors.hpp"
#include "event_queue.hpp"
#include "handle.hpp"
#include "metrics.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/core/signal.hpp>
#include <bongsu/kafka/topic_reader.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace bongsu::kafka {
namespace {

constexpr int kLookUpTimeoutMs = 2'000;
constexpr auto kLookAgain = std::chrono::seconds{30};
constexpr auto kTryAgain = std::chrono::milliseconds{500};
constexpr std::size_t kBatch = 500;

using MetadataHandle = std::unique_ptr<const rd_kafka_metadata_t, Free<&rd_kafka_metadata_destroy>>;
using Ends = std::vector<std::int64_t>;  // by partition, exclusive

/// Blocks. Only for the thread of BlockingCalls. Where the partitions from `first` on end now.
Result<Ends> look_up_ends(rd_kafka_t* client, rd_kafka_topic_t* topic, std::size_t first) {
  const rd_kafka_metadata_t* fetched = nullptr;
  const auto code = rd_kafka_metadata(client, 0, topic, &fetched, kLookUpTimeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(code, "metadata"));
  const MetadataHandle owned{fetched};
  if (fetched->topic_cnt != 1 || fetched->topics[0].partition_cnt == 0) {
    return fail(ErrorCode::kNotFound, "kafka: the topic does not exist");
  }
  Ends ends;
  const auto count = static_cast<std::size_t>(fetched->topics[0].partition_cnt);
  for (std::size_t partition = first; partition < count; ++partition) {
    std::int64_t low = 0;
    auto& end = ends.emplace_back();
    const auto asked =
        rd_kafka_query_watermark_offsets(client, rd_kafka_topic_name(topic),
                                         static_cast<std::int32_t>(partition), &low, &end, kLookUpTimeoutMs);
    if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(asked, "end offsets"));
  }
  return ends;
}

}  // namespace

/// Coroutines under way keep it alive; end() stops them.
class TopicReader::Impl {
 public:
  Impl(const asio::any_io_executor& executor, ClientHandle client, std::string topic)
      : executor_(executor),
        name_(std::move(topic)),
        events_("reader"),
        changed_(executor),
        client_(std::move(client)),
        topic_(rd_kafka_topic_new(client_.get(), name_.c_str(), nullptr)),
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

  static asio::awaitable<void> find_partitions(std::shared_ptr<Impl> self) {
    while (!self->ended_) {
      self->looking_ = true;
      const auto ends = co_await self->blocking_.run(
          [client = self->client_.get(), topic = self->topic_.get(), first = self->ends_.size()] {
            return look_up_ends(client, topic, first);
          });
      self->looking_ = false;
      self->changed_.notify_all();
      if (self->ended_) co_return;
      if (ends) {
        self->start(*ends);
      } else {
        log::debug("kafka.topic.waits", {{"topic", self->name_}, {"why", ends.error().message}});
      }
      if (!self->ended_) co_await self->changed_.wait_for(ends ? kLookAgain : kTryAgain);
    }
  }

  static asio::awaitable<std::vector<Message>> next(std::shared_ptr<Impl> self) {
    const bool before = self->caught_up();
    for (;;) {
      if (self->ended_) co_return std::vector<Message>{};
      auto messages = self->drain();
      if (!messages.empty() || self->caught_up() != before) co_return messages;
      co_await self->records_.readable();
    }
  }

  static asio::awaitable<void> close(std::shared_ptr<Impl> self) {
    self->closing_ = true;
    while (self->looking_ && !self->ended_) co_await self->changed_.wait();
    self->end();
  }

  bool caught_up() const { return !ends_.empty() && behind_ == 0; }
  bool ended() const { return ended_; }

  void end() {
    if (std::exchange(ended_, true)) return;
    blocking_.join();
    for (std::size_t i = 0; i < ends_.size(); ++i)
      rd_kafka_consume_stop(topic_.get(), static_cast<std::int32_t>(i));
    records_.close();
    main_.close();
    topic_.reset();
    client_.reset();
    changed_.notify_all();
  }

 private:
  void start(const Ends& ends) {
    if (closing_) return;
    for (const auto end : ends) {
      const auto partition = static_cast<std::int32_t>(ends_.size());
      const auto started =
          rd_kafka_consume_start_queue(topic_.get(), partition, RD_KAFKA_OFFSET_BEGINNING, records_.get());
      if (started != 0) {
        log::warning("kafka.read_error", {{"topic", name_}, {"partition", partition}});
        return;
      }
      ends_.push_back(first_look_ ? end : 0);
      if (ends_.back() > 0) ++behind_;
    }
    first_look_ = false;
  }

  /// Everything below `offset` is read.
  void reached(std::int32_t partition, std::int64_t offset) {
    auto& end = ends_.at(static_cast<std::size_t>(partition));
    if (end == 0 || offset < end) return;
    end = 0;
    if (behind_ > 0) --behind_;
  }

  std::vector<Message> drain() {
    std::vector<Message> messages;
    records_.clear();
    std::array<rd_kafka_message_t*, kBatch> batch{};
    for (;;) {
      const auto got = rd_kafka_consume_batch_queue(records_.get(), 0, batch.data(), batch.size());
      const auto count = got > 0 ? static_cast<std::size_t>(got) : 0;
      messages.reserve(messages.size() + count);
      for (std::size_t i = 0; i < count; ++i) append(MessageHandle{batch.at(i)}, messages);
      if (count < batch.size()) return messages;
    }
  }

  void append(MessageHandle native, std::vector<Message>& messages) {
    if (native->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      events_.reached();
      messages.push_back(to_message(*native, name_));
      reached(native->partition, native->offset + 1);
    } else if (native->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      events_.reached();
      reached(native->partition, native->offset);
    } else {
      consumer_metrics().read_errors.Increment();
      log::warning(
          "kafka.read_error",
          {{"topic", name_}, {"partition", native->partition}, {"error", rd_kafka_err2name(native->err)}});
    }
  }

  asio::any_io_executor executor_;
  std::string name_;
  ClientEvents events_;
  Signal changed_;
  ClientHandle client_;
  TopicHandle topic_;
  EventQueue main_;
  EventQueue records_;
  BlockingCalls blocking_;
  Ends ends_;  ///< where each partition ended at the first look; 0 once that is reached
  std::size_t behind_ = 0;
  bool first_look_ = true;
  bool looking_ = false;
  bool closing_ = false;
  bool ended_ = false;
};

Result<TopicReader> TopicReader::open(const asio::any_io_executor& executor, const ClusterSettings& settings,
                                      std::string topic) {
  auto client = reader_configuration_of(settings).create(RD_KAFKA_CONSUMER);
  if (!client) return std::unexpected(client.error());
  auto impl = std::make_shared<Impl>(executor, std::move(*client), std::move(topic));
  spawn(executor, "kafka.reader", Impl::serve(impl));
  spawn(executor, "kafka.reader.partitions", Impl::find_partitions(impl));
  return TopicReader{std::move(impl)};
}

TopicReader::TopicReader(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
TopicReader::TopicReader(TopicReader&& other) noexcept = default;

TopicReader& TopicReader::operator=(TopicReader&& other) noexcept {
  if (this == &other) return *this;
  if (impl_) impl_->end();
  impl_ = std::move(other.impl_);
  return *this;
}

TopicReader::~TopicReader() {
  if (impl_) impl_->end();
}

asio::awaitable<std::vector<Message>> TopicReader::next() { return Impl::next(impl_); }
bool TopicReader::caught_up() const { return impl_->caught_up(); }
bool TopicReader::closed() const { return impl_->ended(); }
asio::awaitable<void> TopicReader::close() { return Impl::close(impl_); }

}  // namespace bongsu::kafka
