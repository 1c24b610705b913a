#include "metrics.hpp"

namespace bongsu::postgres {

Metrics& measured() {
  static Metrics instance{
      .succeeded = metrics::counter("bongsu_postgres_statements_total", "Statements answered by PostgreSQL.",
                                    {{"outcome", "ok"}}),
      .failed = metrics::counter("bongsu_postgres_statements_total", "Statements answered by PostgreSQL.",
                                 {{"outcome", "error"}}),
      .connected = metrics::counter("bongsu_postgres_connects_total", "Connections that were made."),
      .lost = metrics::counter("bongsu_postgres_connections_lost_total", "Connections that were lost."),
      .connections = metrics::gauge("bongsu_postgres_connections", "Connections that are open."),
      .seconds = metrics::seconds("bongsu_postgres_statement_seconds",
                                  "From asking to the answer, time in the pipeline included."),
  };
  return instance;
}

}  // namespace bongsu::postgres
