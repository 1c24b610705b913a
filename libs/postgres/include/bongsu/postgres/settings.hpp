#pragma once
#include <chrono>
#include <cstddef>
#include <string>

namespace bongsu::postgres {

/// Where PostgreSQL is and how long to wait for it.
struct Settings {
  /// A libpq URI or keyword string, without a password: postgresql://bongsu_gateway@db:5432/bongsu
  std::string uri;
  std::string password;
  /// search_path of every connection; empty leaves the server's default.
  std::string schema;
  std::string application_name = "bongsu";
  /// Of one pool. They are opened when they are needed, the first one at once.
  std::size_t connections = 4;
  std::chrono::milliseconds connect_timeout{2000};
  /// Ends a statement at the server, unless the call names its own. An answer that has not come 250 ms
  /// later is no longer waited for.
  std::chrono::milliseconds statement_timeout{1000};
  std::chrono::milliseconds idle_in_transaction_timeout{1000};
  /// How long a statement waits for another transaction's lock, before it ends as kConflict (55P03).
  /// Zero: as long as it may run.
  std::chrono::milliseconds lock_timeout{0};
};

}  // namespace bongsu::postgres
