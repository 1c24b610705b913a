#pragma once
#include <bongsu/kafka/consumer.hpp>
#include <bongsu/postgres/pool.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace bongsu::intake {

/// For an owner that counts each record once: its offsets lie beside what it makes of the records, in the
/// table intake_offset (topic, partition, next_offset) of its own schema, and move in the same transaction.

/// Where reading each of the partitions goes on, for Settings::starts. Nothing kept: none. Errors: as
/// postgres::Pool.
asio::awaitable<Result<std::vector<kafka::PartitionStart>>> stored_offsets(
    postgres::Pool& pool, std::vector<kafka::TopicPartition> partitions);

/// A partition that is read on.
struct OffsetMove {
  kafka::TopicPartition partition;
  std::optional<std::int64_t> from;  ///< none: nothing is kept yet
  std::int64_t to = 0;
};

/// Within the session's transaction. Errors: as postgres::Session, and
///   kConflict, detail "offset": it is not at `from`; another has read the partition on.
asio::awaitable<Result<void>> move_offset(postgres::Session& session, OffsetMove move);

}  // namespace bongsu::intake
