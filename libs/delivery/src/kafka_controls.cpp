#include "metrics.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/delivery/kafka_controls.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/v1/job_control.pb.h>

#include <optional>

namespace bongsu::delivery {
namespace {

using events::v1::JobControl;

/// Nothing: a state that this version does not know.
std::optional<JobState> meaning_of(const JobControl& control) {
  switch (control.state()) {
    case JobControl::HELD:
      return JobState::kHeld;
    case JobControl::RUNNING:
      return JobState::kRunning;
    case JobControl::PAUSED:
      return JobState::kPaused;
    case JobControl::CANCELLED:
      return JobState::kCancelled;
    case JobControl::ENDED:
      return JobState::kEnded;
    default:
      return std::nullopt;
  }
}

Result<JobControl> read(const kafka::Message& message) {
  const auto head = events::read_headers(message.headers, events::type::kJobControl);
  if (!head) return std::unexpected(head.error());
  auto control = events::decode<JobControl>(message.value, head->content_type);
  if (control && control->job_id().empty())
    return fail(ErrorCode::kInvalidArgument, "a job control names no job");
  return control;
}

}  // namespace

Result<std::unique_ptr<KafkaControls>> KafkaControls::open(const asio::any_io_executor& executor,
                                                           const kafka::ClusterSettings& cluster,
                                                           const events::Topics& topics) {
  auto reader = kafka::TopicReader::open(executor, cluster, topics.job_control());
  if (!reader) return std::unexpected(reader.error());
  return std::unique_ptr<KafkaControls>(new KafkaControls(executor, std::move(*reader)));
}

KafkaControls::KafkaControls(const asio::any_io_executor& executor, kafka::TopicReader reader)
    : reader_(std::move(reader)), changed_(executor) {
  spawn(executor, "delivery.controls", follow());
}

asio::awaitable<void> KafkaControls::follow() {
  while (!reader_.closed()) {
    const auto messages = co_await reader_.next();
    for (const auto& message : messages) note(message);
    if (ready_ || !reader_.caught_up()) continue;
    ready_ = true;
    log::info("delivery.controls.read", {{"jobs", jobs_.size()}});
  }
  following_ = false;
  changed_.notify_all();
}

void KafkaControls::note(const kafka::Message& message) {
  if (!message.value) return jobs_.forget(message.key);
  const auto control = read(message);
  const auto state = control ? meaning_of(*control) : std::nullopt;
  if (!state) {
    metrics::undecodable_control();
    log::warning("delivery.control.undecodable",
                 {{"partition", message.partition},
                  {"offset", message.offset},
                  {"why", control ? "a state that is not known here" : control.error().message}});
    return;
  }
  jobs_.note(control->job_id(), control->revision(), *state);
}

Result<void> KafkaControls::healthy() const {
  if (ready_) return {};
  return fail(ErrorCode::kUnavailable, "kafka: job.control is not read to its end yet; bulk waits");
}

asio::awaitable<void> KafkaControls::close() {
  co_await reader_.close();
  while (following_) co_await changed_.wait();
}

}  // namespace bongsu::delivery
