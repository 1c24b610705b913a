#pragma once
#include "letter.hpp"

#include <bongsu/kafka/consumer.hpp>
#include <bongsu/postgres/pool.hpp>

namespace bongsu::deadletters {

/// Where each partition is read on. Nothing kept: none. Errors: as postgres::Pool.
asio::awaitable<Result<std::vector<kafka::PartitionStart>>> stored_offsets(
    postgres::Pool& pool, std::vector<kafka::TopicPartition> partitions);

/// From where to where a partition's reading moves on.
struct OffsetMove {
  kafka::TopicPartition partition;
  std::optional<std::int64_t> from;  ///< none: nothing is stored yet
  std::int64_t to = 0;
};

/// All of these work within the session's transaction. Errors: as postgres::Session, and
///   kConflict, detail "offset": another has read the partition on.
asio::awaitable<Result<void>> move_offset(postgres::Session& session, OffsetMove move);

/// Makes letters rows. One that is there already stays as it is; what had been decided before a letter came
/// holds. `letters` may hold one twice: the one that lies first counts.
asio::awaitable<Result<void>> write_letters(postgres::Session& session, std::vector<Letter> letters);

/// Files decisions as the topic tells them: of each letter the greatest revision holds, in whatever order
/// they come, with or without their letter.
asio::awaitable<Result<void>> write_told(postgres::Session& session, std::vector<Decision> decisions);

}  // namespace bongsu::deadletters
