#pragma once
#include <bongsu/core/metrics.hpp>

namespace bongsu::outbox {

/// What the library measures, in one place. Gauges are the leader's; a relay that stands by shows 0.
struct Metrics {
  metrics::Counter& published;
  metrics::Counter& refused;
  metrics::Counter& restarts;
  metrics::Counter& leaves_emptied;
  metrics::Gauge& leading;
  metrics::Gauge& waiting_rows;
  metrics::Gauge& waiting_seconds;
  metrics::Gauge& open_transaction_seconds;
};

Metrics& measured();

}  // namespace bongsu::outbox
