#include "server_metrics.hpp"

namespace bongsu::http {

ServerMetrics::ServerMetrics()
    : connections_(metrics::gauge("bongsu_http_connections", "Connections that are open.")) {}

void ServerMetrics::answered(const Route& route, int status, std::chrono::steady_clock::duration took) {
  auto& of_route = routes_[&route];
  if (of_route.seconds == nullptr) {
    of_route.seconds =
        &metrics::seconds("bongsu_http_request_seconds", "From the whole request to its whole answer.",
                          {{"route", route.pattern}});
  }
  auto*& counter = of_route.by_class[static_cast<std::size_t>(status / 100) % of_route.by_class.size()];
  if (counter == nullptr) {
    counter = &metrics::counter("bongsu_http_requests_total", "Requests that were answered by a handler.",
                                {{"method", std::string{name_of(route.method)}},
                                 {"route", route.pattern},
                                 {"status", std::to_string(status / 100) + "xx"}});
  }
  of_route.seconds->Observe(std::chrono::duration<double>(took).count());
  counter->Increment();
}

void ServerMetrics::refused(int status) {
  auto*& counter = refused_[status];
  if (counter == nullptr) {
    counter = &metrics::counter("bongsu_http_refused_total",
                                "Requests that were refused before a handler saw them.",
                                {{"status", std::to_string(status)}});
  }
  counter->Increment();
}

}  // namespace bongsu::http
