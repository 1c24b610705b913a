#pragma once
#include <memory>

#include <librdkafka/rdkafka.h>

/// One owner for each of librdkafka's handles, freed in its own way and nowhere else.
namespace bongsu::kafka {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};

/// Consumers are closed by consumer.cpp, in its own time; destroying the handle never closes one.
inline void destroy_client(rd_kafka_t* client) {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

using ClientHandle = std::unique_ptr<rd_kafka_t, Free<&destroy_client>>;
using ConfHandle = std::unique_ptr<rd_kafka_conf_t, Free<&rd_kafka_conf_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, Free<&rd_kafka_queue_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, Free<&rd_kafka_event_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Free<&rd_kafka_topic_destroy>>;
using MessageHandle = std::unique_ptr<rd_kafka_message_t, Free<&rd_kafka_message_destroy>>;
using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, Free<&rd_kafka_headers_destroy>>;
using PartitionListHandle =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Free<&rd_kafka_topic_partition_list_destroy>>;

}  // namespace bongsu::kafka
