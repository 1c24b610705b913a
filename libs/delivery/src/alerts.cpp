#include "alerts.hpp"

#include <bongsu/core/log.hpp>
#include <bongsu/core/uuid.hpp>
#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/codec.hpp>
#include <bongsu/events/event_types.hpp>
#include <bongsu/events/v1/alert.pb.h>

namespace bongsu::delivery {

using namespace std::chrono_literals;

Alerts::Alerts(const asio::any_io_executor& executor, Log& log, const Clock& clock, Random& random,
               const events::Topics& topics, std::string source, std::string instance)
    : log_(log),
      clock_(clock),
      random_(random),
      topic_(topics.alert()),
      source_(std::move(source)),
      instance_(std::move(instance)),
      changed_(executor) {}

void Alerts::raise(Alarm alarm) {
  const auto now = clock_.monotonic();
  const auto [place, is_new] =
      firing_.try_emplace(alarm.name, Firing{.alarm = alarm, .since = clock_.now(), .last = now});
  place->second.last = now;
  if (!is_new) return;
  log::warning("alert.firing",
               {{"name", alarm.name}, {"severity", alarm.severity}, {"summary", alarm.summary}});
  queue(place->second, "firing");
}

void Alerts::clear(const std::string& name) {
  const auto found = firing_.find(name);
  if (found == firing_.end()) return;
  log::info("alert.resolved", {{"name", name}});
  queue(found->second, "resolved");
  firing_.erase(found);
}

void Alerts::fade() {
  std::vector<std::string> faded;
  for (const auto& [name, firing] : firing_) {
    const auto after = firing.alarm.fades_after;
    if (after > 0ms && clock_.monotonic() - firing.last >= after) faded.push_back(name);
  }
  for (const auto& name : faded) clear(name);
}

void Alerts::queue(const Firing& firing, std::string_view state) {
  const auto now = clock_.now();
  events::v1::Alert alert;
  alert.set_name(firing.alarm.name);
  alert.set_state(std::string{state});
  alert.set_severity(firing.alarm.severity);
  alert.set_source(source_);
  alert.set_summary(firing.alarm.summary);
  *alert.mutable_since() = events::to_proto(firing.since);
  for (const auto& [name, value] : firing.alarm.labels) (*alert.mutable_labels())[name] = value;
  (*alert.mutable_labels())["instance"] = instance_;
  kafka::Record record;
  record.topic = topic_;
  record.key = source_;
  record.value = events::encode_json(alert);
  record.headers = events::make_headers({.id = Uuid::v7(now, random_).str(),
                                         .source = "/bongsu/" + source_,
                                         .type = std::string{events::type::kAlert},
                                         .time = now,
                                         .content_type = events::ContentType::kJson,
                                         .trace = {}});
  queue_.push_back(std::move(record));
  changed_.notify_all();
}

asio::awaitable<void> Alerts::run() {
  while (!stopping_) {
    if (queue_.empty()) {
      co_await changed_.wait();
      continue;
    }
    auto record = queue_.front();
    const auto published = co_await log_.publish(record);
    if (published) {
      queue_.pop_front();
      continue;
    }
    log::warning("alert.waits", {{"why", published.error().message}});
    co_await changed_.wait_for(500ms);
  }
}

void Alerts::stop() {
  stopping_ = true;
  changed_.notify_all();
}

}  // namespace bongsu::delivery
