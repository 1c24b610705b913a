#pragma once
#include <bongsu/core/metrics.hpp>
#include <bongsu/delivery/row.hpp>

#include <chrono>
#include <string_view>

namespace bongsu::delivery::metrics {

/// One call of the provider: "ok" or the error's code.
void provider_call(std::string_view outcome, std::chrono::milliseconds took);
/// One attempt that ended.
void attempt_ended(const Row& row);
/// One record that died without becoming a request.
void undecodable();
/// One record of job.control that says nothing.
void undecodable_control();
/// Kafka refused a follow-up for its own sake.
void follow_up_refused();
prometheus::Gauge& in_flight();
prometheus::Gauge& partitions_owned();

}  // namespace bongsu::delivery::metrics
