#pragma once
#include <bongsu/kafka/settings.hpp>
#include <bongsu/outbox/publisher.hpp>

namespace bongsu::outbox {

/// Publishes through Kafka's idempotent producer, with acks from all replicas.
MakePublisher kafka_publisher(const asio::any_io_executor& executor, const kafka::ProducerSettings& settings);

}  // namespace bongsu::outbox
