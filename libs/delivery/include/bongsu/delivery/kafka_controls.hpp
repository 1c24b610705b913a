#pragma once
#include <bongsu/core/asio.hpp>
#include <bongsu/core/error.hpp>
#include <bongsu/core/signal.hpp>
#include <bongsu/delivery/job_table.hpp>
#include <bongsu/events/topics.hpp>
#include <bongsu/kafka/topic_reader.hpp>

#include <memory>

namespace bongsu::delivery {

/// The topic job.control, read whole by every replica, without a group, and followed.
///
/// Errors: none that last; what cannot be decoded is counted, logged and left out. While Kafka is away what
///   was known stays.
/// Lifetime: close() must have returned before it goes.
class KafkaControls final : public Controls {
 public:
  /// Begins to read. Errors: kInvalidArgument (settings that librdkafka refuses).
  static Result<std::unique_ptr<KafkaControls>> open(const asio::any_io_executor& executor,
                                                     const kafka::ClusterSettings& cluster,
                                                     const events::Topics& topics);

  bool ready() const override { return ready_; }
  JobState state_of(std::string_view job) const override { return jobs_.state_of(job); }

  /// For /readyz. Errors: kUnavailable until ready().
  Result<void> healthy() const;
  asio::awaitable<void> close();

 private:
  KafkaControls(const asio::any_io_executor& executor, kafka::TopicReader reader);
  asio::awaitable<void> follow();
  void note(const kafka::Message& message);

  kafka::TopicReader reader_;
  JobTable jobs_;
  bool ready_ = false;
  bool following_ = true;
  Signal changed_;
};

}  // namespace bongsu::delivery
