#include "conversion.hpp"

#include "errors.hpp"

namespace bongsu::kafka {
namespace {

Headers to_headers(const rd_kafka_message_t& native) {
  rd_kafka_headers_t* list = nullptr;  // the message's own
  if (rd_kafka_message_headers(&native, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  Headers headers;
  headers.reserve(rd_kafka_header_cnt(list));
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.push_back(
        {name, value == nullptr ? std::string{} : std::string(static_cast<const char*>(value), size)});
  }
  return headers;
}

}  // namespace

Result<HeadersHandle> to_native(const Headers& headers) {
  if (headers.empty()) return HeadersHandle{};
  HeadersHandle list{rd_kafka_headers_new(headers.size())};
  for (const auto& [name, value] : headers) {
    if (name.empty())
      return fail(ErrorCode::kInvalidArgument, "kafka: a header without a name", "_INVALID_ARG");
    const auto added = rd_kafka_header_add(list.get(), name.data(), static_cast<ssize_t>(name.size()),
                                           value.data(), static_cast<ssize_t>(value.size()));
    if (added != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(added, "header"));
  }
  return list;
}

Message to_message(const rd_kafka_message_t& native, std::string_view topic) {
  Message message;
  message.topic = topic;
  message.partition = native.partition;
  message.offset = native.offset;
  if (native.key != nullptr) message.key.assign(static_cast<const char*>(native.key), native.key_len);
  if (native.payload != nullptr) message.value.emplace(static_cast<const char*>(native.payload), native.len);
  message.headers = to_headers(native);
  rd_kafka_timestamp_type_t kind{};
  const auto milliseconds = rd_kafka_message_timestamp(&native, &kind);
  if (milliseconds > 0) message.timestamp = Timestamp{std::chrono::milliseconds{milliseconds}};
  return message;
}

PartitionListHandle to_native(const std::vector<TopicPartition>& partitions) {
  PartitionListHandle list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& [topic, partition] : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  return list;
}

std::vector<TopicPartition> to_partitions(const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> partitions;
  if (list == nullptr) return partitions;
  partitions.reserve(static_cast<std::size_t>(list->cnt));
  for (int i = 0; i < list->cnt; ++i) partitions.push_back({list->elems[i].topic, list->elems[i].partition});
  return partitions;
}

}  // namespace bongsu::kafka
