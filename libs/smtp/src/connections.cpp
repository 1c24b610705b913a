#include "connections.hpp"

namespace bongsu::smtp {

metrics::Counter& connections_opened() {
  static auto& counter = metrics::counter("bongsu_smtp_connections_opened_total",
                                          "Connections to the mail server that came to be.");
  return counter;
}

metrics::Gauge& connections_open() {
  static auto& gauge =
      metrics::gauge("bongsu_smtp_connections", "Connections to the mail server, idle ones included.");
  return gauge;
}

}  // namespace bongsu::smtp
