#include "blocking_calls.hpp"
#include "configuration.hpp"
#include "conversion.hpp"
#include "errors.hpp"
#include "simple_consumer.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/core/signal.hpp>
#include <bongsu/kafka/topic_reader.hpp>

#include <algorithm>
#include <utility>

namespace bongsu::kafka {
namespace {

constexpr int kLookUpTimeoutMs = 2'000;
constexpr auto kLookAgain = std::chrono::seconds{30};
constexpr auto kTryAgain = std::chrono::milliseconds{500};

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
      : name_(std::move(topic)),
        changed_(executor),
        consumer_(executor, std::move(client), "reader"),
        topic_(consumer_.topic(name_)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { end(); }

  static asio::awaitable<void> serve(std::shared_ptr<Impl> self) { co_await self->consumer_.serve(); }

  static asio::awaitable<void> find_partitions(std::shared_ptr<Impl> self) {
    while (!self->ended_) {
      self->looking_ = true;
      const auto ends = co_await self->blocking_.run(
          [client = self->consumer_.client(), topic = self->topic_.get(), first = self->ends_.size()] {
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
      co_await self->consumer_.readable();
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
      SimpleConsumer::stop(topic_.get(), static_cast<std::int32_t>(i));
    topic_.reset();
    consumer_.close();
    changed_.notify_all();
  }

 private:
  void start(const Ends& ends) {
    if (closing_) return;
    for (const auto end : ends) {
      const auto partition = static_cast<std::int32_t>(ends_.size());
      if (!consumer_.start(topic_.get(), partition, RD_KAFKA_OFFSET_BEGINNING)) {
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
    consumer_.take_all([&](MessageHandle native) { append(std::move(native), messages); });
    return messages;
  }

  void append(MessageHandle native, std::vector<Message>& messages) {
    if (native->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      consumer_.reached();
      messages.push_back(to_message(*native, name_));
      reached(native->partition, native->offset + 1);
    } else if (native->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      consumer_.reached();
      reached(native->partition, native->offset);
    } else {
      SimpleConsumer::failed(name_, *native);
    }
  }

  std::string name_;
  Signal changed_;
  SimpleConsumer consumer_;
  TopicHandle topic_;
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
