#pragma once
#include "support/kafka/kafka_world.hpp"

#include <bongsu/events/v1/result.pb.h>
#include <bongsu/kafka/producer.hpp>
#include <bongsu/kafka/record.hpp>

#include <string>
#include <vector>

namespace bongsu::support {

/// A request in clear text, as other services produce it. The notification's id follows from `id`.
/// `more`: further fields as JSON, beginning with a comma.
kafka::Record clear_request(const std::string& topic, const std::string& id, const std::string& recipient,
                            const std::string& content, const std::string& more = "");

/// A producer that stays, for loads.
/// Errors: throws when Kafka does not take the records in time.
class Upstream {
 public:
  explicit Upstream(const KafkaWorld& kafka);
  /// Returns when Kafka has them all.
  void send(std::vector<kafka::Record> records);

 private:
  asio::io_context io_;
  kafka::Producer producer_;
};

/// What has been told on delivery.result, once there are `least`.
std::vector<events::v1::DeliveryResult> results_of(KafkaWorld& kafka, std::size_t least);

/// "NAME STATE" of every alert on ops.alert, in their order, once there are `least`.
std::vector<std::string> alerts_of(KafkaWorld& kafka, std::size_t least);

}  // namespace bongsu::support
