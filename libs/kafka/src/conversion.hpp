#pragma once
#include "handle.hpp"

#include <bongsu/core/error.hpp>
#include <bongsu/kafka/record.hpp>

#include <vector>

namespace bongsu::kafka {

/// Errors: kInvalidArgument (a header without a name).
Result<HeadersHandle> to_native(const Headers& headers);

/// Copies everything out; `topic` is kept as it is.
Message to_message(const rd_kafka_message_t& native, std::string_view topic);

/// Without offsets.
PartitionListHandle to_native(const std::vector<TopicPartition>& partitions);
std::vector<TopicPartition> to_partitions(const rd_kafka_topic_partition_list_t* list);

}  // namespace bongsu::kafka
