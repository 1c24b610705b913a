#pragma once
#include <bongsu/core/metrics.hpp>

namespace bongsu::smtp {

metrics::Counter& connections_opened();
metrics::Gauge& connections_open();

}  // namespace bongsu::smtp
