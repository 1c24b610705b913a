#include <bongsu/intake/offsets.hpp>

#include <string>

namespace bongsu::intake {

using postgres::Params;
using postgres::Session;

asio::awaitable<Result<std::vector<kafka::PartitionStart>>> stored_offsets(
    postgres::Pool& pool, std::vector<kafka::TopicPartition> partitions) {
  std::vector<std::string> topics;
  std::vector<std::int32_t> numbers;
  for (const auto& partition : partitions) {
    topics.push_back(partition.topic);
    numbers.push_back(partition.partition);
  }
  const auto rows = co_await pool.query(
      "SELECT next_offset FROM unnest($1::text[], $2::int[]) "
      "WITH ORDINALITY AS asked(topic, partition, place) LEFT JOIN intake_offset USING (topic, partition) "
      "ORDER BY place",
      Params::of(topics, numbers));
  if (!rows) co_return std::unexpected(rows.error());
  std::vector<kafka::PartitionStart> starts;
  starts.reserve(partitions.size());
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    starts.push_back({.partition = partitions[i], .committed = rows->get<std::optional<std::int64_t>>(i, 0)});
  }
  co_return starts;
}

asio::awaitable<Result<void>> move_offset(Session& session, OffsetMove move) {
  const auto& [topic, partition] = move.partition;
  const auto moved =
      move.from ? co_await session.query(
                      "UPDATE intake_offset SET next_offset = $3 "
                      "WHERE topic = $1 AND partition = $2 AND next_offset = $4",
                      Params::of(topic, std::int32_t{partition}, move.to, *move.from))
                : co_await session.query(
                      "INSERT INTO intake_offset (topic, partition, next_offset) VALUES ($1, $2, $3) "
                      "ON CONFLICT DO NOTHING",
                      Params::of(topic, std::int32_t{partition}, move.to));
  if (!moved) co_return std::unexpected(moved.error());
  if (moved->affected() != 1)
    co_return fail(ErrorCode::kConflict, "the partition was read on by another", "offset");
  co_return Result<void>{};
}

}  // namespace bongsu::intake
