#pragma once
#include <bongsu/core/metrics.hpp>

#include <chrono>

namespace bongsu::postgres {

/// What the library measures, in one place.
struct Metrics {
  metrics::Counter& succeeded;
  metrics::Counter& failed;
  metrics::Counter& connected;
  metrics::Counter& lost;
  metrics::Gauge& connections;
  metrics::Histogram& seconds;
};

Metrics& measured();

}  // namespace bongsu::postgres
