#pragma once
#include <bongsu/core/metrics.hpp>

namespace bongsu::host {

/// The process as Linux sees it (/proc/self), under the names that Prometheus' clients give it.
class ProcessMetrics {
 public:
  ProcessMetrics();
  /// Reads them anew.
  void update();

 private:
  metrics::Gauge& resident_;
  metrics::Gauge& open_files_;
  metrics::Gauge& started_;
  metrics::Counter& cpu_;
};

}  // namespace bongsu::host
