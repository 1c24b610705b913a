#pragma once
#include <bongsu/core/headers.hpp>

#include <string>
#include <vector>

namespace bongsu::bench {

/// Rows a second of a plain cursor over the outbox in its order: blocking libpq, binary, 10,000 rows a FETCH,
/// every value looked at. Throws when `rows` are not there.
double bare_cursor_read(const std::string& conninfo, const std::string& schema, std::size_t rows);

/// Records a second of librdkafka alone, with the relay's producer settings (idempotent, acks=all, lz4),
/// until the last is confirmed. Keys and values are taken in turn.
double bare_producer(const std::string& brokers, const std::string& topic,
                     const std::vector<std::string>& keys, const std::vector<std::string>& values,
                     const Headers& headers, std::size_t records);

/// How many records the topic holds.
std::size_t records_in(const std::string& brokers, const std::string& topic, int partitions);

}  // namespace bongsu::bench
