#pragma once
#include <bongsu/core/metrics.hpp>
#include <bongsu/http/router.hpp>

#include <array>
#include <chrono>
#include <unordered_map>

namespace bongsu::http {

/// bongsu_http_requests_total{method,route,status}, bongsu_http_request_seconds{route},
/// bongsu_http_refused_total{status}, bongsu_http_connections.
class ServerMetrics {
 public:
  ServerMetrics();

  void answered(const Route& route, int status, std::chrono::steady_clock::duration took);
  /// A request that no handler saw.
  void refused(int status);
  metrics::Gauge& connections() { return connections_; }

 private:
  struct OfRoute {
    metrics::Histogram* seconds;
    std::array<metrics::Counter*, 6> by_class;  // of the status' first digit
  };

  metrics::Gauge& connections_;
  std::unordered_map<const Route*, OfRoute> routes_;
  std::unordered_map<int, metrics::Counter*> refused_;
};

}  // namespace bongsu::http
