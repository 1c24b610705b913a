#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace bongsu::bench {

/// How large the gateway's outbox rows are, so that the limit writes as much.
struct RowSizes {
  int key = 0;
  int headers = 0;
  int value = 0;
};

/// One statement on a connection of its own; the first row. Throws.
std::vector<std::string> ask(const std::string& uri, const std::string& sql);

RowSizes measure_rows(const std::string& uri);

/// Waits until the relay has published everything, at most two minutes. Throws.
void await_published(const std::string& uri);

/// Transactions a second of pgbench: a message's row and its event's row, `clients` connections.
double run_pgbench(const std::string& uri, const RowSizes& sizes, int clients, int seconds);

/// Rows a second of two UNNEST inserts of `rows` rows each in a transaction, over `connections` threads with
/// a connection each: everything but the ids is encoded beforehand.
double run_unnest(const std::string& uri, const RowSizes& sizes, int connections, int rows, double seconds);

}  // namespace bongsu::bench
