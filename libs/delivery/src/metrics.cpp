#include "metrics.hpp"

#include <array>
#include <map>

namespace bongsu::delivery::metrics {

using bongsu::metrics::Counter;
using bongsu::metrics::counter;
using bongsu::metrics::gauge;
using bongsu::metrics::seconds;

namespace {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOpen:
      return "open";
    case Outcome::kDelivered:
      return "delivered";
    case Outcome::kFailed:
      return "retrying";
    case Outcome::kDead:
      return "dead";
    case Outcome::kUnknown:
      return "unknown";
    case Outcome::kSuppressed:
      return "suppressed";
    case Outcome::kHeld:
      return "held";
    case Outcome::kFellBack:
      return "fell_back";
  }
  return "open";
}

/// Counters by a label of which there are few values: asking the registry costs as much as a small call.
class Known {
 public:
  template <class Make>
  Counter& at(std::string_view label, Make make) {
    const auto hit = counters_.find(label);
    if (hit != counters_.end()) return *hit->second;
    return *counters_.emplace(label, &make()).first->second;
  }

 private:
  std::map<std::string, Counter*, std::less<>> counters_;
};

}  // namespace

void provider_call(std::string_view outcome, std::chrono::milliseconds took) {
  static auto& duration = seconds("bongsu_provider_call_seconds", "Duration of calls to the provider");
  static Known known;
  known
      .at(outcome,
          [&]() -> Counter& {
            return counter("bongsu_provider_calls_total", "Calls to the provider by how they ended",
                           {{"outcome", std::string{outcome}}});
          })
      .Increment();
  duration.Observe(std::chrono::duration<double>(took).count());
}

void attempt_ended(const Row& row) {
  static std::array<Known, 8> known;
  known.at(static_cast<std::size_t>(row.outcome))
      .at(row.reason,
          [&]() -> Counter& {
            return counter("bongsu_delivery_attempts_total",
                           "Attempts that have ended, by outcome and reason",
                           {{"outcome", std::string{name_of(row.outcome)}}, {"reason", row.reason}});
          })
      .Increment();
}

void undecodable() {
  static auto& total =
      counter("bongsu_delivery_undecodable_total", "Records of which no request could be made");
  total.Increment();
}

void undecodable_control() {
  static auto& total =
      counter("bongsu_delivery_undecodable_controls_total", "Records of job.control that say nothing");
  total.Increment();
}

void follow_up_refused() {
  static auto& total = counter("bongsu_delivery_follow_ups_refused_total",
                               "Follow-ups that Kafka refused for their own sake; kept in refused_follow_up");
  total.Increment();
}

prometheus::Gauge& in_flight() {
  static auto& value = gauge("bongsu_delivery_in_flight", "Records between reading and their end");
  return value;
}

prometheus::Gauge& partitions_owned() {
  static auto& value = gauge("bongsu_delivery_partitions_owned", "Partitions this process may send from");
  return value;
}

}  // namespace bongsu::delivery::metrics
